/**
 * What the browser calls a thing that is kept. Several servers may be below paths of one origin, where it keeps everything
 * in one place. `public/start.js` does the same.
 */
export function storedName(key: string): string {
  const { pathname } = new URL("..", window.location.href);
  return pathname === "/" ? key : `${key}@${pathname}`;
}

/** Browser storage that never throws: private windows and full disks behave like an empty store. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(storedName(key));
  } catch {
    return null;
  }
}

export function writeStored(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(storedName(key));
    else localStorage.setItem(storedName(key), value);
  } catch {
    // Nothing useful can be done; the setting lasts until the page closes.
  }
}

export function readStoredJson(key: string): unknown {
  const text = readStored(key);
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
