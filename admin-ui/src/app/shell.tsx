import {
  Database,
  FileCode,
  Gauge,
  Menu as MenuIcon,
  ScrollText,
  Search,
  Settings,
  ShieldCheck,
  Terminal,
  Timer,
  Workflow,
} from "lucide-react";
import { Suspense, useEffect, useState, type ReactNode } from "react";
import { useEnvironment, type Environment } from "@/components/environment";
import { useOnBack } from "@/components/use-on-back";
import { cx } from "@/lib/cx";
import { IconButton } from "@/ui/button";
import { lazyPart } from "@/ui/lazy-part";
import { Logo } from "@/ui/logo";
import { Tip } from "@/ui/tooltip";
import { useMedia } from "@/ui/use-media";
import { AccountMenu } from "./account-menu";
import { useShortcuts } from "./shortcuts";
import { CollectionTree } from "./tree";
import { keepTyped } from "./typed-ahead";

const Drawer = lazyPart(
  () => import("@/ui/sheet"),
  (m) => m.Drawer,
);
const loadPalette = () => import("./palette");
const Palette = lazyPart(loadPalette, (m) => m.default);
const ShortcutHelp = lazyPart(
  () => import("./shortcut-help"),
  (m) => m.default,
);

type ShellProps = { current: string; path: string; onNavigate: (to: string) => void; children: ReactNode };

const places = [
  { label: "Overview", href: "#/overview", icon: Gauge, owns: /^\/overview/ },
  { label: "Data", href: "#/collections", icon: Database, owns: /^\/(collections|new-collection)/ },
  { label: "Diagram", href: "#/diagram", icon: Workflow, owns: /^\/diagram/ },
  { label: "Access", href: "#/access", icon: ShieldCheck, owns: /^\/access/ },
  { label: "Logs", href: "#/logs", icon: ScrollText, owns: /^\/logs/ },
  { label: "Hooks", href: "#/hooks", icon: FileCode, owns: /^\/hooks/ },
  { label: "SQL", href: "#/sql", icon: Terminal, owns: /^\/sql/ },
  { label: "Jobs", href: "#/jobs", icon: Timer, owns: /^\/jobs/ },
  { label: "Settings", href: "#/settings/application", icon: Settings, owns: /^\/settings/ },
] as const;
const data = places[1];

/** Rail, tree and the screen. Where the tree does not fit it becomes a drawer behind a button. */
export function Shell({ current, path, onNavigate, children }: ShellProps) {
  const wide = useMedia("(min-width: 64rem)");
  const [drawer, setDrawer] = useState(false);
  const [overlay, setOverlay] = useState<"palette" | "help" | null>(null);
  const [treeShown, setTreeShown] = useState(true);
  const environment = useEnvironment().value;
  const hasTree = data.owns.test(path);
  useEffect(() => {
    const load = setTimeout(() => void loadPalette().catch(() => undefined), 2500);
    return () => clearTimeout(load);
  }, []);
  useOnBack(() => {
    setOverlay(null);
    setDrawer(false);
  });
  function openPalette() {
    if (overlay !== "palette") keepTyped();
    setOverlay("palette");
  }
  useShortcuts({
    onPalette: openPalette,
    onHelp: () => setOverlay("help"),
    onTree: () => (wide ? setTreeShown(!treeShown) : setDrawer(!drawer)),
    onGo: onNavigate,
  });
  const search = (
    <IconButton label="Search or jump…" keys={`${mod} K`} onClick={openPalette}>
      <Search size={18} strokeWidth={1.75} />
    </IconButton>
  );
  return (
    <div className="flex h-full flex-col">
      {environment.label !== "" && <EnvironmentBar environment={environment} />}
      <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
        <a
          href="#content"
          className="fixed start-2 top-2 z-50 -translate-y-24 rounded-sm bg-accent px-3 py-2 text-on-accent focus:translate-y-0"
          onClick={(event) => {
            event.preventDefault();
            document.getElementById("content")?.focus();
          }}
        >
          Skip to content
        </a>
        {wide ? (
          <>
            <div
              role="banner"
              className="flex w-13 shrink-0 flex-col items-center border-e border-line bg-sunken py-2.5"
            >
              <a href="#/collections" aria-label="Stead, all collections" className="mb-2 rounded-md">
                <Logo size={28} />
              </a>
              <nav aria-label="Main" className="flex min-h-0 flex-col gap-1 overflow-y-auto p-1">
                {places.map((place) => (
                  <RailLink key={place.label} place={place} current={place.owns.test(path)} />
                ))}
              </nav>
              <span className="flex-1" />
              {search}
              <AccountMenu onNavigate={onNavigate} onHelp={() => setOverlay("help")} />
            </div>
            {hasTree && treeShown && (
              <aside aria-label="Collections" className="flex w-60 shrink-0 flex-col border-e border-line bg-canvas">
                <CollectionTree current={current} onNavigate={onNavigate} />
              </aside>
            )}
          </>
        ) : (
          <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-sunken px-2">
            <IconButton label="Collections" onClick={() => setDrawer(true)}>
              <MenuIcon size={18} />
            </IconButton>
            <a
              href="#/collections"
              aria-label="Stead, all collections"
              className="flex min-h-8 items-center gap-2 rounded-sm px-1 font-semibold"
            >
              <Logo size={22} /> Stead
            </a>
            <span className="flex-1" />
            {search}
            <AccountMenu onNavigate={onNavigate} onHelp={() => setOverlay("help")} more />
            {drawer && (
              <Suspense>
                <Drawer label="Collections" open onOpenChange={setDrawer}>
                  <CollectionTree
                    current={current}
                    onNavigate={(to) => {
                      setDrawer(false);
                      onNavigate(to);
                    }}
                  />
                </Drawer>
              </Suspense>
            )}
          </header>
        )}
        <main id="content" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col outline-none">
          {children}
        </main>
        {!wide && <BottomBar path={path} />}
      </div>
      <Suspense>
        {overlay === "palette" && (
          <Palette
            current={current}
            onNavigate={onNavigate}
            onHelp={() => setOverlay("help")}
            onClose={() => setOverlay(null)}
          />
        )}
        {overlay === "help" && <ShortcutHelp onClose={() => setOverlay(null)} />}
      </Suspense>
    </div>
  );
}

const mod = /mac/i.test(navigator.userAgent) ? "⌘" : "Ctrl";
const environmentTones = {
  none: "bg-sunken text-ink-2",
  blue: "bg-info-soft text-info",
  amber: "bg-warn-soft text-warn",
  red: "bg-danger text-on-danger",
} as const;

function EnvironmentBar({ environment: { label, tone } }: { environment: Environment }) {
  return (
    <div
      role="note"
      aria-label="Environment"
      className={cx("shrink-0 truncate px-3 text-center text-xs leading-5 font-semibold", environmentTones[tone])}
    >
      {label}
    </div>
  );
}

/** On small screens these are in the menu of the account. */
const onlyOnWide: ReadonlySet<string> = new Set(["Overview", "Diagram", "Access", "Hooks"]);

/** Where there is no room for the rail. */
function BottomBar({ path }: { path: string }) {
  return (
    <nav aria-label="Main" className="flex h-12 shrink-0 border-t border-line bg-sunken">
      {places
        .filter(({ label }) => !onlyOnWide.has(label))
        .map(({ label, href, icon: Icon, owns }) => (
          <a
            key={label}
            href={href}
            {...(owns.test(path) ? { "aria-current": "page" as const } : {})}
            className={cx(
              "flex min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-xs -outline-offset-2",
              owns.test(path) ? "font-medium text-accent-text" : "text-ink-2",
            )}
          >
            <Icon size={18} strokeWidth={1.75} aria-hidden />
            {label}
          </a>
        ))}
    </nav>
  );
}

type RailLinkProps = { place: (typeof places)[number]; current: boolean };

function RailLink({ place: { label, href, icon: Icon }, current }: RailLinkProps) {
  return (
    <Tip text={label} side="right">
      <a
        href={href}
        aria-label={label}
        {...(current ? { "aria-current": "page" as const } : {})}
        className={cx(
          "flex size-9 items-center justify-center rounded-md",
          current ? "bg-selected text-accent-text" : "text-ink-2 hover:bg-hover hover:text-ink",
        )}
      >
        <Icon size={18} strokeWidth={1.75} />
      </a>
    </Tip>
  );
}
