import {
  createContext,
  useContext,
  useId,
  useMemo,
  useState,
  type ComponentProps,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
} from "react";
import { cx } from "@/lib/cx";

/**
 * Tabs after the pattern of the ARIA guide: an arrow shows the next one at once.
 *
 * Perf: Radix's tell each other about their elements once they are there, and are drawn again for it, in the first picture
 * of a page, too. These need no second look.
 */
export type TabSpec = { id: string; label: string; badge?: ReactNode };

type Shown = { value: string; show: (value: string) => void; id: string };

const TabContext = createContext<Shown>({ value: "", show: () => undefined, id: "" });

type TabRootProps = {
  className: string;
  onKeyDown?: (event: KeyboardEvent) => void;
  children: ReactNode;
} & ({ value: string; onValueChange: (value: string) => void } | { defaultValue: string });

export function TabRoot({ className, onKeyDown, children, ...props }: TabRootProps) {
  const id = useId();
  const [own, setOwn] = useState("defaultValue" in props ? props.defaultValue : "");
  const [value, show] = "value" in props ? [props.value, props.onValueChange] : [own, setOwn];
  const shown = useMemo(() => ({ value, show, id }), [value, show, id]);
  return (
    <TabContext value={shown}>
      <div className={className} onKeyDown={onKeyDown}>
        {children}
      </div>
    </TabContext>
  );
}

/** The place an arrow leads to, from one end to the other and around. */
function placeAfter(key: string, at: number, count: number, rtl: boolean): number | null {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (key !== "ArrowLeft" && key !== "ArrowRight") return null;
  return (at + ((key === "ArrowRight") === rtl ? count - 1 : 1)) % count;
}

/** The strip only; each screen renders the panel with `TabPanel`. */
export function TabStrip({ label, tabs }: { label: string; tabs: TabSpec[] }) {
  const { value, show, id } = useContext(TabContext);
  function onKeyDown(event: KeyboardEvent<HTMLDivElement>) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>("[role=tab]")];
    const at = all.findIndex((tab) => tab === event.target);
    const rtl = document.documentElement.dir === "rtl";
    const next = at < 0 ? null : placeAfter(event.key, at, all.length, rtl);
    if (next === null) return;
    event.preventDefault();
    all[next]?.focus();
    change(tabs[next]?.id ?? value);
  }
  function change(next: string) {
    if (next !== value) show(next);
  }
  function onMouseDown(event: MouseEvent, tab: string) {
    if (event.button === 0 && !event.ctrlKey) change(tab);
    // The focus would be on a tab that is not shown.
    else event.preventDefault();
  }
  return (
    <div
      role="tablist"
      aria-label={label}
      className="flex h-full items-stretch gap-1 max-sm:flex-wrap"
      onKeyDown={onKeyDown}
    >
      {tabs.map((tab) => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          id={`${id}-tab-${tab.id}`}
          aria-selected={tab.id === value}
          aria-controls={tab.id === value ? `${id}-panel-${tab.id}` : undefined}
          tabIndex={tab.id === value ? 0 : -1}
          onMouseDown={(event) => onMouseDown(event, tab.id)}
          onClick={() => change(tab.id)}
          className={cx(
            "relative flex min-h-9 items-center gap-1.5 px-2.5 font-medium -outline-offset-2 transition-colors hover:text-ink pointer-coarse:min-h-11",
            tab.id === value
              ? "text-accent-text after:absolute after:inset-x-2 after:-bottom-px after:h-0.5 after:rounded-full after:bg-accent"
              : "text-ink-2",
          )}
        >
          {tab.label}
          {tab.badge}
        </button>
      ))}
    </div>
  );
}

type TabPanelProps = ComponentProps<"div"> & {
  value: string;
  /** Its state outlives a look at another tab. */
  keep?: boolean;
};

export function TabPanel({ value, keep = false, ...props }: TabPanelProps) {
  const { value: current, id } = useContext(TabContext);
  if (value !== current && !keep) return null;
  return (
    <div
      role="tabpanel"
      id={`${id}-panel-${value}`}
      aria-labelledby={`${id}-tab-${value}`}
      tabIndex={0}
      hidden={value !== current}
      {...props}
    />
  );
}
