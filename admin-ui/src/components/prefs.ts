import { readStored, writeStored } from "@/lib/storage";
import { createStore } from "@/lib/store";
import type { Zone } from "@/lib/dates";

export type Theme = "system" | "light" | "dark";
export type Density = "compact" | "default" | "comfortable";
/** `keys`: whether single letters are shortcuts. */
type Prefs = { theme: Theme; zone: Zone; density: Density; keys: boolean };

function oneOf<T extends string>(value: string | null, allowed: readonly T[], fallback: T): T {
  return allowed.find((item) => item === value) ?? fallback;
}

export const prefs = createStore<Prefs>({
  theme: oneOf(readStored("stead.theme"), ["system", "light", "dark"], "system"),
  zone: oneOf(readStored("stead.zone"), ["local", "utc"], "local"),
  density: oneOf(readStored("stead.density"), ["compact", "default", "comfortable"], "default"),
  keys: readStored("stead.keys") !== "0",
});

const darkMedia = window.matchMedia("(prefers-color-scheme: dark)");

export function setTheme(theme: Theme): void {
  prefs.set((now) => ({ ...now, theme }));
  writeStored("stead.theme", theme);
  paint();
}

export function setZone(zone: Zone): void {
  prefs.set((now) => ({ ...now, zone }));
  writeStored("stead.zone", zone);
}

export function setDensity(density: Density): void {
  prefs.set((now) => ({ ...now, density }));
  writeStored("stead.density", density);
}

export function setKeys(keys: boolean): void {
  prefs.set((now) => ({ ...now, keys }));
  writeStored("stead.keys", keys ? "1" : "0");
}

function paint(): void {
  const { theme } = prefs.get();
  const dark = theme === "dark" || (theme === "system" && darkMedia.matches);
  document.documentElement.dataset["theme"] = dark ? "dark" : "light";
}
darkMedia.addEventListener("change", paint);
