import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, type KeyboardEvent, type ReactNode } from "react";
import { settingsQuery, type Settings } from "@/api/settings";
import { ErrorPanel } from "@/components/panels";
import { cx } from "@/lib/cx";
import { assertNever } from "@/lib/assert";
import { Skeleton } from "@/ui/skeleton";
import { Appearance } from "./appearance";
import { Application } from "./application";
import { Limits } from "./limits";
import { LogSettings } from "./log-settings";
import { Mail } from "./mail";
import { Network } from "./network";
import { SaveBar } from "./save-bar";
import { sectionOf, sections, type SectionId } from "./sections";
import { Storage } from "./storage";
import { useSettings, type SettingsForm } from "./use-settings";

type SettingsPageProps = {
  section: string;
  onNavigate: (to: string) => void;
  /** Sections that belong to other features. */
  backups: (form: SettingsForm) => ReactNode;
  schemaSync: ReactNode;
  superusers: ReactNode;
};

export function SettingsPage(props: SettingsPageProps) {
  const query = useQuery(settingsQuery);
  if (query.isError && !query.data)
    return (
      <ErrorPanel page what="The settings can't be shown" error={query.error} onRetry={() => void query.refetch()} />
    );
  if (!query.data) return <Loading />;
  return <Loaded base={query.data} {...props} />;
}

function Loaded({ base, section, onNavigate, ...rest }: SettingsPageProps & { base: Settings }) {
  const form = useSettings(base);
  const current = sectionOf(section);
  const shown = useRef<HTMLDivElement>(null);
  // Once it is drawn as wrong, the first that is in sight is where to go on.
  useEffect(() => {
    if (Object.keys(form.errors).length > 0) shown.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [form.errors]);
  function onKeyDown(event: KeyboardEvent) {
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (form.dirty && !form.busy && form.blocked === null) void form.save();
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col md:flex-row" onKeyDown={onKeyDown}>
      <nav
        aria-label="Settings"
        className="shrink-0 border-line bg-canvas max-md:border-b max-md:p-2 md:w-52 md:overflow-y-auto md:border-e md:p-2 md:pt-4"
      >
        <label className="md:hidden">
          <span className="sr-only">Section</span>
          <select
            className="control"
            value={current}
            onChange={(event) => onNavigate(`/settings/${event.target.value}`)}
          >
            {sections.map((item) => (
              <option key={item.id} value={item.id}>
                {item.label}
              </option>
            ))}
          </select>
        </label>
        <ul className="max-md:hidden">
          {sections.map((item) => (
            <li key={item.id}>
              <a
                href={`#/settings/${item.id}`}
                {...(item.id === current ? { "aria-current": "page" as const } : {})}
                className={cx(
                  "flex h-8 items-center rounded-sm px-2 -outline-offset-2",
                  item.id === current ? "bg-selected font-medium text-ink" : "text-ink-2 hover:bg-hover hover:text-ink",
                )}
              >
                {item.label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <div key={current} ref={shown} className="min-h-0 flex-1 overflow-y-auto -outline-offset-2" tabIndex={-1}>
          <SectionOf id={current} form={form} {...rest} />
        </div>
        <SaveBar form={form} onGone={() => shown.current?.focus({ preventScroll: true })} />
      </div>
    </div>
  );
}

type SectionOfProps = Omit<SettingsPageProps, "section" | "onNavigate"> & { id: SectionId; form: SettingsForm };

function SectionOf({ id, form, backups, schemaSync, superusers }: SectionOfProps) {
  switch (id) {
    case "application":
      return <Application form={form} />;
    case "mail":
      return <Mail form={form} />;
    case "storage":
      return <Storage form={form} />;
    case "limits":
      return <Limits form={form} />;
    case "network":
      return <Network form={form} />;
    case "logs":
      return <LogSettings form={form} />;
    case "backups":
      return backups(form);
    case "schema-sync":
      return schemaSync;
    case "superusers":
      return superusers;
    case "appearance":
      return <Appearance />;
    default:
      return assertNever(id);
  }
}

function Loading() {
  return (
    <div className="mx-auto w-full max-w-[680px] space-y-6 px-4 py-6" aria-busy>
      {[0, 1, 2, 3].map((n) => (
        <div key={n} className="space-y-2">
          <Skeleton className="w-24" />
          <Skeleton className="!h-8 w-full" />
        </div>
      ))}
    </div>
  );
}
