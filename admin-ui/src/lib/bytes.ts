const units = ["B", "kB", "MB", "GB", "TB"];

/** In steps of 1024, as limits are set; 5242880 is 5 MB. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? Number(value.toFixed(1)) : Math.round(value)} ${units[unit] ?? "B"}`;
}
