import { useQuery } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
import { useState } from "react";
import { hookLogQuery } from "@/api/hooks";
import { inFull } from "@/api/errors";
import type { LogEntry } from "@/api/operate";
import { placeOf } from "@/lib/rhai/log-place";
import { redactText } from "@/lib/redact";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";

const most = 50;

function timeOf(entry: LogEntry): string {
  const at = new Date(entry.created.replace(" ", "T"));
  return Number.isNaN(at.getTime()) ? "" : at.toLocaleTimeString();
}

type PlaceProps = { entry: LogEntry; path: string; onLine: (line: number) => void };

/** The line of the script it comes from. */
function Place({ entry, path, onLine }: PlaceProps) {
  const place = placeOf(entry.data);
  if (!place || place.line === 0) return null;
  return (
    <a
      href={place.href}
      className="tnum shrink-0 text-sm text-accent-text hover:underline"
      onClick={(event) => {
        if (place.file !== path || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        onLine(place.line);
      }}
    >
      {place.label}
    </a>
  );
}

/** What the script said last, as it comes. */
export function HookLog({ path, onLine }: { path: string; onLine: (line: number) => void }) {
  const [paused, setPaused] = useState(false);
  const query = useQuery(hookLogQuery(path, paused));
  const entries = (query.data ?? []).slice(0, most);
  return (
    <section aria-labelledby="hook-log-title" className="flex h-36 shrink-0 flex-col border-t border-line bg-canvas">
      <div className="flex items-center gap-2 px-3 pt-1">
        <h3 id="hook-log-title" className="text-sm font-medium text-ink-2">
          Log of {path}
        </h3>
        <span className="flex-1" />
        <IconButton label={paused ? "Go on" : "Pause"} small onClick={() => setPaused(!paused)}>
          {paused ? <Play size={14} /> : <Pause size={14} />}
        </IconButton>
      </div>
      <div
        role="log"
        aria-label="Hook log"
        aria-live="off"
        tabIndex={0}
        className="min-h-0 flex-1 overflow-y-auto px-3 pb-2 -outline-offset-2"
      >
        {query.isError && entries.length === 0 && <p className="text-ink-3">{inFull(query.error)}</p>}
        {query.data && entries.length === 0 && <p className="text-ink-3">Nothing yet. What it prints comes here.</p>}
        <ol className="space-y-0.5">
          {entries.map((entry) => (
            <li key={entry.id} className="flex items-baseline gap-2">
              <span className="tnum shrink-0 text-sm text-ink-3">{timeOf(entry)}</span>
              {entry.level >= 4 && (
                <Badge tone={entry.level >= 8 ? "danger" : "warn"}>{entry.level >= 8 ? "Error" : "Warning"}</Badge>
              )}
              <a href={`#/logs?all=1&log=${entry.id}`} className="min-w-0 break-words text-ink hover:underline">
                {redactText(entry.message)}
              </a>
              <Place entry={entry} path={path} onLine={onLine} />
            </li>
          ))}
        </ol>
      </div>
    </section>
  );
}
