export type JsonCheck = { ok: true; value: unknown } | { ok: false; message: string };

/** Parses JSON and, when it is wrong, says where in words a person can use. Empty text is `null`. */
export function checkJson(text: string): JsonCheck {
  if (text.trim() === "") return { ok: true, value: null };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    const at = position(text, error instanceof Error ? error.message : "");
    const { line, column } = lineColumn(text, at);
    return { ok: false, message: `Not valid JSON at line ${line}, column ${column}.` };
  }
}

function position(text: string, message: string): number {
  const at = /position (\d+)/.exec(message)?.[1];
  return at ? Math.min(Number.parseInt(at, 10), text.length) : text.length;
}

export function lineColumn(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

export function pretty(value: unknown): string {
  return value === null || value === undefined ? "" : JSON.stringify(value, null, 2);
}
