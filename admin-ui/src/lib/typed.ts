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
const thousands = /^-?[1-9]\d{0,2},\d{3}$/;

/** Thousands may be set apart where it is clear which sign does that: there are several, or the other one follows. */
const grouped = [
  { shape: /^-?\d{1,3}(,\d{3})+\.\d+$|^-?\d{1,3}(,\d{3}){2,}$/, group: ",", decimal: "." },
  { shape: /^-?\d{1,3}(\.\d{3})+,\d+$|^-?\d{1,3}(\.\d{3}){2,}$/, group: ".", decimal: "," },
];

/**
 * With a point or a comma. What is another number in another country is not guessed: a table shows 6,250 where somebody else
 * means 6.25. Numbers beyond what can be stored would be stored as nothing.
 */
export function readNumber(text: string): number | null | BadText {
  const plain = text.trim();
  if (plain === "") return null;
  if (thousands.test(plain)) return twoWays(plain);
  const apart = grouped.find((known) => known.shape.test(plain));
  const digits = apart ? plain.replaceAll(apart.group, "").replace(apart.decimal, ".") : plain.replace(",", ".");
  if (!apart && !shape.test(plain)) return new BadText(text, `“${text}” is not a number.`);
  const value = Number(digits);
  return Number.isFinite(value) ? value : new BadText(text, `“${text}” is too large a number.`);
}

export function readWhole(text: string): number | null | BadText {
  const read = readNumber(text);
  return typeof read === "number" && !Number.isInteger(read)
    ? new BadText(text, `“${text}” is not a whole number.`)
    : read;
}

/** For a number with three digits after its only sign. */
export function twoWays(text: string): BadText {
  return new BadText(text, `“${text}” can be ${text.replace(/[.,]/, "")} or ${Number(text.replace(",", "."))}.`);
}

export function badDate(text: string): BadText {
  return new BadText(text, `“${text}” is not a date. Write it as 2026-03-01 10:30.`);
}

/** The choice a text means: written alike, or the only one that differs in its case alone. */
export function choiceOf(values: string[], text: string): string | undefined {
  if (values.includes(text)) return text;
  const alike = values.filter((value) => value.toLowerCase() === text.trim().toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}
