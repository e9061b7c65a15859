import {
  Database,
  LogOut,
  Menu as MenuIcon,
  Monitor,
  Moon,
  ScrollText,
  Settings,
  Sun,
  Terminal,
  Timer,
  UserRound,
} from "lucide-react";
import { useState, type ReactNode } from "react";
import { currentEmail, signOut } from "@/api/auth";
import { prefs, setDensity, setTheme, setZone } from "@/components/prefs";
import { cx } from "@/lib/cx";
import { IconButton } from "@/ui/button";
import { Logo } from "@/ui/logo";
import { Menu } from "@/ui/menu";
import { Drawer } from "@/ui/sheet";
import { Tip } from "@/ui/tooltip";
import { useMedia } from "@/ui/use-media";
import { useStore } from "@/ui/use-store";
import { CollectionTree } from "./tree";

type ShellProps = { current: string; path: string; onNavigate: (to: string) => void; children: ReactNode };

const places = [
  { label: "Data", href: "#/collections", icon: Database, owns: /^\/(collections|new-collection)/ },
  { label: "Logs", href: "#/logs", icon: ScrollText, owns: /^\/logs/ },
  { label: "SQL", href: "#/sql", icon: Terminal, owns: /^\/sql/ },
  { label: "Jobs", href: "#/jobs", icon: Timer, owns: /^\/jobs/ },
  { label: "Settings", href: "#/settings/application", icon: Settings, owns: /^\/settings/ },
] as const;

/** Rail, tree and the screen. Where the tree does not fit it becomes a drawer behind a button. */
export function Shell({ current, path, onNavigate, children }: ShellProps) {
  const wide = useMedia("(min-width: 1024px)");
  const [drawer, setDrawer] = useState(false);
  return (
    <div className="flex h-full flex-col lg:flex-row">
      <a
        href="#content"
        className="fixed start-2 top-[-60px] z-50 rounded-sm bg-accent px-3 py-2 text-on-accent focus:top-2"
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
            className="flex w-[52px] shrink-0 flex-col items-center border-e border-line bg-sunken py-2.5"
          >
            <a href="#/collections" aria-label="Stead, all collections" className="mb-3 rounded-md">
              <Logo size={28} />
            </a>
            <nav aria-label="Main" className="flex flex-col gap-1">
              {places.map((place) => (
                <RailLink key={place.label} place={place} current={place.owns.test(path)} />
              ))}
            </nav>
            <span className="flex-1" />
            <AccountMenu onNavigate={onNavigate} />
          </div>
          {places[0].owns.test(path) && (
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
          <AccountMenu onNavigate={onNavigate} />
          <Drawer label="Collections" open={drawer} onOpenChange={setDrawer}>
            <CollectionTree
              current={current}
              onNavigate={(to) => {
                setDrawer(false);
                onNavigate(to);
              }}
            />
          </Drawer>
        </header>
      )}
      <main id="content" tabIndex={-1} className="flex min-h-0 min-w-0 flex-1 flex-col outline-none">
        {children}
      </main>
      {!wide && <BottomBar path={path} />}
    </div>
  );
}

/** Where there is no room for the rail. */
function BottomBar({ path }: { path: string }) {
  return (
    <nav aria-label="Main" className="flex h-12 shrink-0 border-t border-line bg-sunken">
      {places.map(({ label, href, icon: Icon, owns }) => (
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

function AccountMenu({ onNavigate }: { onNavigate: (to: string) => void }) {
  const { theme, zone, density } = useStore(prefs);
  const email = currentEmail();
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={`Account ${email}`}
          className={cx(
            "flex size-9 items-center justify-center rounded-full border border-line-strong bg-raised font-semibold text-ink-2 uppercase hover:text-ink",
          )}
        >
          {email === "" ? <UserRound size={16} /> : email.slice(0, 1)}
        </button>
      }
      items={[
        { kind: "heading", label: email },
        { kind: "separator", label: "theme" },
        { kind: "heading", label: "Theme" },
        {
          kind: "radio",
          label: "System",
          icon: <Monitor size={14} />,
          checked: theme === "system",
          run: () => setTheme("system"),
        },
        {
          kind: "radio",
          label: "Light",
          icon: <Sun size={14} />,
          checked: theme === "light",
          run: () => setTheme("light"),
        },
        {
          kind: "radio",
          label: "Dark",
          icon: <Moon size={14} />,
          checked: theme === "dark",
          run: () => setTheme("dark"),
        },
        { kind: "heading", label: "Rows" },
        { kind: "radio", label: "Compact", checked: density === "compact", run: () => setDensity("compact") },
        { kind: "radio", label: "Default", checked: density === "default", run: () => setDensity("default") },
        {
          kind: "radio",
          label: "Comfortable",
          checked: density === "comfortable",
          run: () => setDensity("comfortable"),
        },
        { kind: "heading", label: "Times" },
        { kind: "radio", label: "Local time", checked: zone === "local", run: () => setZone("local") },
        { kind: "radio", label: "UTC", checked: zone === "utc", run: () => setZone("utc") },
        { kind: "separator", label: "end" },
        {
          label: "Sign out",
          icon: <LogOut size={14} />,
          run: () => {
            signOut();
            onNavigate("/login");
          },
        },
      ]}
    />
  );
}
