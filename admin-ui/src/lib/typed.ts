/** Typed text that is no value yet. A draft keeps it, so that a form can refuse to save it and nothing typed is lost. */
export class BadText {
  constructor(
    readonly text: string,
    readonly message: string,
  ) {}
}

/** The first such text in the values of a form, by field; a place has two numbers. */
export function badTexts(values: Record<string, unknown>): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    const parts: unknown[] = typeof value === "object" && value !== null ? [value, ...Object.values(value)] : [];
    const bad = parts.find((part) => part instanceof BadText);
    if (bad) out[name] = bad.message;
  }
  return out;
}

const shape = /^-?\d+([.,]\d+)?([eE][+-]?\d+)?$/;

/** With a point or a comma. Numbers beyond what can be stored would be stored as nothing. */
export function readNumber(text: string): number | null | BadText {
  const plain = text.trim();
  if (plain === "") return null;
  if (!shape.test(plain)) return new BadText(text, `“${text}” is not a number.`);
  const value = Number(plain.replace(",", "."));
  return Number.isFinite(value) ? value : new BadText(text, `“${text}” is too large a number.`);
}
