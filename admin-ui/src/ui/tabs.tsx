import { Tabs } from "radix-ui";
import type { ReactNode } from "react";

export type TabSpec = { id: string; label: string; badge?: ReactNode };

/** The strip only; each screen renders the panel with `TabPanel`. */
export function TabStrip({ label, tabs }: { label: string; tabs: TabSpec[] }) {
  return (
    <Tabs.List aria-label={label} className="flex h-full items-stretch gap-1">
      {tabs.map((tab) => (
        <Tabs.Trigger
          key={tab.id}
          value={tab.id}
          className="relative flex min-h-9 items-center gap-1.5 px-2.5 font-medium text-ink-2 -outline-offset-2 transition-colors hover:text-ink data-[state=active]:text-accent-text data-[state=active]:after:absolute data-[state=active]:after:inset-x-2 data-[state=active]:after:-bottom-px data-[state=active]:after:h-0.5 data-[state=active]:after:rounded-full data-[state=active]:after:bg-accent pointer-coarse:min-h-11"
        >
          {tab.label}
          {tab.badge}
        </Tabs.Trigger>
      ))}
    </Tabs.List>
  );
}

export const TabRoot = Tabs.Root;
export const TabPanel = Tabs.Content;
