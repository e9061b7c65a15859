import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { inFull } from "@/api/errors";
import { followRecords, type RecordEvent } from "@/api/realtime";
import { offersQuery } from "@/api/settings";
import type { Collection } from "@/api/types";
import { UnavailablePanel } from "@/components/unavailable";
import { redact } from "@/lib/redact";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Notice } from "@/ui/notice";

const kept = 50;

/** Shows what arrives when records change. */
export function Watcher({ collection }: { collection: Collection }) {
  const offered = useQuery(offersQuery("/api/realtime")).data;
  const [on, setOn] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [events, setEvents] = useState<{ at: number; event: RecordEvent }[]>([]);
  // The server's event stream.
  useEffect(() => {
    if (!on) return undefined;
    let stop: (() => void) | null = null;
    let left = false;
    followRecords(collection.name, (event) =>
      setEvents((now) => [{ at: Date.now(), event }, ...now].slice(0, kept)),
    ).then(
      (end) => {
        if (left) end();
        else stop = end;
      },
      (caught: unknown) => setError(inFull(caught)),
    );
    return () => {
      left = true;
      stop?.();
    };
  }, [on, collection.name]);
  if (offered === false) return <UnavailablePanel what="Realtime" />;
  return (
    <div className="space-y-4">
      <h2 className="text-lg font-semibold">Realtime</h2>
      <p className="text-ink-2">
        Topic <code className="font-mono text-code text-ink">{`${collection.name}/*`}</code>: one event for each record
        that is created, changed or deleted.
      </p>
      <Button tone={on ? "secondary" : "primary"} onClick={() => setOn(!on)}>
        {on ? "Disconnect" : "Connect"}
      </Button>
      {error && (
        <Notice tone="danger" role="alert">
          {error}
        </Notice>
      )}
      {on && events.length === 0 && <p role="status">Waiting for something to change…</p>}
      <ol aria-label="Events" className="space-y-2">
        {events.map(({ at, event }) => (
          <li key={`${at} ${event.record.id} ${event.action}`} className="rounded-md border border-line bg-bg p-3">
            <p className="flex items-center gap-2">
              <Badge tone={event.action === "delete" ? "danger" : "accent"}>{event.action}</Badge>
              <span className="font-mono text-code">{event.record.id}</span>
            </p>
            <pre
              className="mt-1 max-h-40 overflow-auto font-mono text-code break-words whitespace-pre-wrap"
              tabIndex={0}
            >
              {JSON.stringify(redact(event.record), null, 2)}
            </pre>
          </li>
        ))}
      </ol>
    </div>
  );
}
