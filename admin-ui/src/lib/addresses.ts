/** Whether an address is in a list of addresses and networks. What can't be read counts as not included. */
export function includesAddress(list: string[], address: string): boolean {
  const bits = bitsOf(address);
  if (bits === null) return list.includes(address);
  return list.some((entry) => {
    const [network = "", length] = entry.trim().split("/");
    const other = bitsOf(network);
    if (other === null || other.length !== bits.length) return false;
    const n = length === undefined ? bits.length : Number(length);
    return Number.isInteger(n) && n >= 0 && n <= bits.length && bits.slice(0, n) === other.slice(0, n);
  });
}

function bitsOf(address: string): string | null {
  const text = address.trim().toLowerCase();
  const mapped = /^(?:0{0,4}:){2,5}(?:ffff:)?(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  const four = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(mapped ?? text);
  if (four) {
    const bytes = four.slice(1).map(Number);
    return bytes.every((byte) => byte <= 255) ? bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("") : null;
  }
  return /^[0-9a-f:]+$/.test(text) && text.includes(":") ? sixBits(text) : null;
}

function sixBits(text: string): string | null {
  const [head = "", tail, more] = text.split("::");
  if (more !== undefined) return null;
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = 8 - before.length - after.length;
  if (tail === undefined ? gap !== 0 : gap < 1) return null;
  const groups = [...before, ...Array.from({ length: gap }, () => "0"), ...after];
  if (groups.some((group) => group === "" || group.length > 4)) return null;
  return groups.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, "0")).join("");
}
