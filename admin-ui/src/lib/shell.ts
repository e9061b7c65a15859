/** One word of a command line, whatever is in it. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A request as a command. Method and address may be what a stranger sent: neither becomes a command of its own. */
export function curlOf(method: string, address: string): string {
  return `curl -X ${/^[A-Z]+$/.test(method) ? method : shellQuoted(method)} ${shellQuoted(address)}`;
}
