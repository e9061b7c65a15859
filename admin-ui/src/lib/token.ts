import { isObject } from "./assert";

/** Reads the claims of a token without checking its signature: only to explain, never to decide. */
export function claimsOf(token: string): Record<string, unknown> {
  try {
    const middle = token.split(".")[1] ?? "";
    const json = atob(middle.replaceAll("-", "+").replaceAll("_", "/"));
    const claims: unknown = JSON.parse(json);
    return isObject(claims) ? claims : {};
  } catch {
    return {};
  }
}

export function isExpired(token: string, now = Date.now()): boolean {
  const exp = claimsOf(token)["exp"];
  return typeof exp === "number" && exp * 1000 < now;
}
