export type Strength = { score: 0 | 1 | 2 | 3; label: string };

/** Length is what matters; character classes are a poor proxy and annoy people. */
export function strengthOf(password: string): Strength {
  if (password.length < 8) return { score: 0, label: "Too short: at least 8 characters" };
  const distinct = new Set(password).size;
  if (password.length < 12 || distinct < 5) return { score: 1, label: "Acceptable. Longer is better" };
  return password.length < 18 ? { score: 2, label: "Good" } : { score: 3, label: "Strong" };
}

const alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

export function randomPassword(length = 24): string {
  const bytes = crypto.getRandomValues(new Uint32Array(length));
  return Array.from(bytes, (n) => alphabet[n % alphabet.length] ?? "x").join("");
}
