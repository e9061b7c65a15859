import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import { listRecords } from "@/api/records";
import { followConnection, followRecords, type RecordEvent } from "@/api/realtime";
import { offersQuery } from "@/api/settings";
import type { Collection, RecordRow } from "@/api/types";
import { equal } from "@/lib/equal";
import { allOf, anyOf, literal } from "@/lib/keyset";
import { readStored, writeStored } from "@/lib/storage";
import type { Page } from "./ledger";
import { changeKey } from "./staged";
import type { Staged } from "./use-staged";

export type LiveState = "off" | "unavailable" | "connecting" | "live" | "reconnecting" | "busy";

const flushMs = 60;
const removedMs = 3000;
const flashMs = 800;
/** More events than this in a second are answered with a refresh now and then. */
const busyAt = 20;
const busyMs = 2000;

/** Keeps the table true while others write: updates in place, new records behind a button, deletions struck out first. */
export function useLive(
  collection: Collection,
  filter: string,
  staged: Staged,
  loaded: ReadonlySet<string>,
  ready: boolean,
) {
  const client = useQueryClient();
  const [wanted, setWanted] = useState(() => readStored("stead.live") !== "0");
  const view = collection.type === "view";
  const offered = useQuery({ ...offersQuery("/api/realtime"), enabled: wanted && ready && !view }).data;
  const [connection, setConnection] = useState<"connecting" | "live" | "reconnecting">("connecting");
  const [busy, setBusy] = useState(false);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const [removed, setRemoved] = useState<ReadonlySet<string>>(new Set());
  const [flashing, setFlashing] = useState<ReadonlySet<string>>(new Set());
  const [moved, setMoved] = useState<ReadonlySet<string>>(new Set());
  const on = wanted && offered === true;
  const rowsKey = ["records", collection.name, "rows"];

  function patchPages(change: (rows: RecordRow[]) => RecordRow[]) {
    client.setQueriesData<Page>({ queryKey: rowsKey }, (page) => (page ? { ...page, rows: change(page.rows) } : page));
  }
  function updated(records: Map<string, RecordRow>) {
    patchPages((rows) => rows.map((row) => (records.has(row.id) ? follow(row, records.get(row.id)) : row)));
    for (const [id, record] of records) {
      client.setQueriesData<RecordRow>({ queryKey: ["records", collection.name, "one", id] }, (known) =>
        known && !known.expand ? record : known,
      );
    }
    const touched = [...records].flatMap(([id, record]) =>
      Object.keys(staged.patches[id] ?? {})
        .filter((field) => !equal(record[field], staged.bases.get(id)?.[field]))
        .map((field) => changeKey(id, field)),
    );
    if (touched.length > 0) setMoved((now) => new Set([...now, ...touched]));
    const ids = [...records.keys()];
    setFlashing(new Set(ids));
    setTimeout(() => setFlashing(new Set()), flashMs);
  }
  async function created(ids: string[]) {
    const matching =
      filter === ""
        ? ids
        : (
            await listRecords(collection.name, {
              filter: allOf([filter, anyOf(ids.map((id) => `id = ${literal(id)}`))]),
              sort: "",
              page: 1,
              perPage: ids.length,
              fields: "id",
            })
          ).map((row) => row.id);
    if (matching.length > 0) setFresh((now) => new Set([...now, ...matching]));
  }
  function deleted(ids: string[]) {
    setRemoved((now) => new Set([...now, ...ids]));
    setTimeout(() => {
      patchPages((rows) => rows.filter((row) => !ids.includes(row.id)));
      setRemoved((now) => new Set([...now].filter((id) => !ids.includes(id))));
      void client.invalidateQueries({ queryKey: ["records", collection.name, "count"] });
    }, removedMs);
  }
  const flush = useEffectEvent((events: RecordEvent[]) => {
    const gone = events.filter((event) => event.action === "delete").map((event) => event.record.id);
    const made = events.filter((event) => event.action === "create").map((event) => event.record.id);
    const changed = events.filter((event) => event.action === "update");
    if (changed.length > 0) updated(new Map(changed.map((event) => [event.record.id, event.record])));
    if (made.length > 0) void created(made).catch(() => undefined);
    if (gone.length > 0) deleted(gone);
    if (made.length > 0) void client.invalidateQueries({ queryKey: ["records", collection.name, "count"] });
  });
  const refresh = useEffectEvent(() => void client.invalidateQueries({ queryKey: ["records", collection.name] }));

  // The server's event stream.
  useEffect(() => {
    if (!on) return undefined;
    let stopped = false;
    const stops: (() => void)[] = [];
    let waiting: RecordEvent[] = [];
    let recent: number[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let calm: ReturnType<typeof setTimeout> | undefined;
    let ups = 0;
    const onEvent = (event: RecordEvent) => {
      const now = Date.now();
      recent = [...recent.filter((time) => now - time < 1000), now];
      if (recent.length > busyAt) {
        waiting = [];
        setBusy(true);
        calm ??= setTimeout(() => {
          calm = undefined;
          setBusy(false);
          refresh();
        }, busyMs);
        return;
      }
      waiting.push(event);
      timer ??= setTimeout(() => {
        timer = undefined;
        const batch = waiting;
        waiting = [];
        if (batch.length > 0) flush(batch);
      }, flushMs);
    };
    const keep = (stop: () => void) => (stopped ? stop() : void stops.push(stop));
    const up = () => {
      ups += 1;
      setConnection("live");
      // What happened while nobody listened.
      if (ups > 1) refresh();
    };
    void followConnection(up, () => setConnection("reconnecting")).then(keep, () => setConnection("reconnecting"));
    void followRecords(collection.name, onEvent).then(
      (stop) => {
        setConnection("live");
        keep(stop);
      },
      () => setConnection("reconnecting"),
    );
    return () => {
      stopped = true;
      clearTimeout(timer);
      clearTimeout(calm);
      for (const stop of stops) stop();
    };
  }, [on, collection.name]);

  const state: LiveState =
    view || offered === false ? "unavailable" : !wanted ? "off" : !on ? "connecting" : busy ? "busy" : connection;
  return {
    state,
    wanted,
    setWanted: (next: boolean) => {
      setWanted(next);
      writeStored("stead.live", next ? "1" : "0");
    },
    fresh: [...fresh].filter((id) => !loaded.has(id)).length,
    showFresh: () => {
      setFresh(new Set());
      void client.invalidateQueries({ queryKey: ["records", collection.name] });
    },
    removed,
    flashing,
    moved,
  };
}

export type Live = ReturnType<typeof useLive>;

/** Only what the table asked for; relations that moved lose their old labels. */
function follow(row: RecordRow, record: RecordRow | undefined): RecordRow {
  if (!record) return row;
  const next: RecordRow = { ...row };
  for (const key of Object.keys(row)) {
    if (key === "expand" || !(key in record) || equal(row[key], record[key])) continue;
    next[key] = record[key];
    if (next.expand?.[key]) {
      const { [key]: _stale, ...rest } = next.expand;
      next.expand = rest;
    }
  }
  return next;
}
