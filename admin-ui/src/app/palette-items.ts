import type { Collection } from "@/api/types";
import { setDensity, setTheme } from "@/components/prefs";
import { leaveSession } from "@/components/session";
import { sections } from "@/features/settings/sections";
import { collectionPath } from "./paths";

export type Item = { id: string; group: string; label: string; words?: string; keys?: string; run: () => void };

const settingsWords: Record<string, string> = {
  application: "name address accent colour environment label",
  mail: "smtp sender test mail",
  storage: "s3 files bucket",
  limits: "rate limits batch requests",
  network: "proxy ip address superuser allow list",
  logs: "retention level",
  backups: "schedule restore back up",
  "schema-sync": "export import collections json",
  superusers: "add administrators accounts",
  appearance: "theme dark light density zone shortcuts environment",
};

/** Buttons and tabs of the page itself: whatever can be pressed there can be found here. */
export function pageItems(): Item[] {
  const main = document.getElementById("content");
  const found = [...(main?.querySelectorAll<HTMLElement>("button, [role=tab]") ?? [])].filter(
    (element) =>
      element.offsetParent !== null &&
      element.getAttribute("aria-disabled") !== "true" &&
      !element.closest("[role=grid], table, li, [role=tree], [role=radiogroup], [role=toolbar], form, [role=switch]"),
  );
  const seen = new Set<string>();
  return found.flatMap((element): Item[] => {
    const label = (element.getAttribute("aria-label") ?? element.textContent).trim().replace(/\s+/g, " ");
    if (label === "" || label.length > 60 || seen.has(label)) return [];
    seen.add(label);
    const keys = element.getAttribute("aria-keyshortcuts");
    return [
      {
        id: `page ${label}`,
        group: "On this page",
        label,
        ...(keys ? { keys } : {}),
        run: () => {
          element.focus();
          // Tabs follow the pointer, menus and buttons the click.
          element.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, button: 0 }));
          if (element.getAttribute("aria-haspopup") === "menu")
            element.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, button: 0 }));
          else element.click();
        },
      },
    ];
  });
}

function appearance(label: string, words: string, run: () => void): Item {
  return { id: `look ${label}`, group: "Appearance", label, words, run };
}

export function fixedItems(collections: Collection[], go: (to: string) => void, help: () => void): Item[] {
  const place = (label: string, to: string, keys?: string): Item => ({
    id: `go ${to}`,
    group: "Go to",
    label,
    ...(keys ? { keys } : {}),
    run: () => go(to),
  });
  const own = collections.toSorted((a, b) => Number(a.system) - Number(b.system));
  return [
    place("Overview", "/overview", "g o"),
    place("Data", "/collections", "g d"),
    place("Diagram", "/diagram", "g e"),
    place("Access", "/access", "g a"),
    place("Logs", "/logs", "g l"),
    place("Hooks", "/hooks", "g h"),
    place("SQL", "/sql", "g q"),
    place("Jobs", "/jobs", "g j"),
    place("New collection", "/new-collection"),
    ...own.map((collection) => ({
      id: `collection ${collection.id}`,
      group: "Collections",
      label: collection.name,
      words: collection.type,
      run: () => go(collectionPath(collection.name)),
    })),
    ...sections.map((section) => ({
      id: `settings ${section.id}`,
      group: "Settings",
      label: section.label,
      words: settingsWords[section.id] ?? "",
      run: () => go(`/settings/${section.id}`),
    })),
    appearance("Theme dark", "night colours", () => setTheme("dark")),
    appearance("Theme light", "day colours", () => setTheme("light")),
    appearance("Theme system", "colours", () => setTheme("system")),
    appearance("Density compact", "rows small", () => setDensity("compact")),
    appearance("Density default", "rows", () => setDensity("default")),
    appearance("Density comfortable", "rows large", () => setDensity("comfortable")),
    { id: "help", group: "Help", label: "Keyboard shortcuts", keys: "?", run: help },
    {
      id: "sign out",
      group: "Help",
      label: "Sign out",
      run: () => {
        leaveSession();
        go("/login");
      },
    },
  ];
}

const most = 40;

/** Every word has to be found; what starts with the text comes first, then what has it in its name. */
export function matching(items: Item[], text: string): Item[] {
  const term = text.trim().toLowerCase();
  if (term === "") return items.slice(0, most);
  const words = term.split(/\s+/);
  const rank = (item: Item) => {
    const label = item.label.toLowerCase();
    return label.startsWith(term) ? 0 : label.includes(term) ? 1 : 2;
  };
  return items
    .filter((item) => {
      const all = `${item.label} ${item.words ?? ""} ${item.group}`.toLowerCase();
      return words.every((word) => all.includes(word));
    })
    .toSorted((a, b) => rank(a) - rank(b))
    .slice(0, most);
}
