import { useMutation, useQuery } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { useState, type KeyboardEvent } from "react";
import { collectionsQuery } from "@/api/collections";
import { inFull } from "@/api/errors";
import { dryRun, type HookEvent, type HooksOverview } from "@/api/hooks";
import { ChoiceRow } from "@/components/form-parts";
import { RecordRow } from "@/components/record-row";
import { checkJson } from "@/lib/json";
import { isObject } from "@/lib/assert";
import { Button } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Kbd } from "@/ui/kbd";
import { Notice } from "@/ui/notice";
import { DryRunResult } from "./dry-run-result";

type DryRunProps = {
  path: string;
  text: string;
  /** The text differs from what is saved. */
  changed: boolean;
  script: HooksOverview;
  events: HookEvent[];
};

const usual = ["record_create", "record_update", "record_delete"];

/** Tries the text as it stands: an event in a transaction that is undone, with mails and requests noted instead of sent. */
export function DryRunPanel({ path, text, changed, script, events }: DryRunProps) {
  const collections = (useQuery(collectionsQuery).data ?? []).filter((known) => known.type !== "view");
  const own = script.scripts.find((known) => known.path === path)?.handlers[0];
  const guess = /\bon_(record_\w+)\s*\(\s*(?:\[\s*)?"(\w+)"/.exec(text);
  const [event, setEvent] = useState<string | null>(null);
  const [name, setName] = useState<string | null>(null);
  const [record, setRecord] = useState("");
  const [values, setValues] = useState("");
  const run = useMutation({ mutationFn: dryRun });
  const names = events.map((known) => known.name).filter((known) => known.startsWith("record_"));
  const chosenEvent = event ?? guess?.[1] ?? own?.event ?? "record_create";
  const chosenName = name ?? guess?.[2] ?? own?.collections[0] ?? collections[0]?.name ?? "";
  const target = collections.find((known) => known.name === chosenName);
  const needsRecord = !chosenEvent.includes("create");
  const parsed = checkJson(values);
  const wrong = !parsed.ok || (parsed.value !== null && !isObject(parsed.value));
  const editable = script.editing.allowed;
  const blocked = wrong
    ? "The values are not a JSON object"
    : needsRecord && record === ""
      ? "Choose a record"
      : !target
        ? "Choose a collection"
        : changed && !editable
          ? (script.editing.reason ?? null)
          : null;
  function ask() {
    run.mutate({
      event: chosenEvent,
      collection: chosenName,
      ...(needsRecord ? { id: record } : {}),
      ...(parsed.ok && isObject(parsed.value) ? { record: parsed.value } : {}),
      // Without leave to edit, only what is loaded can be tried.
      ...(editable ? { path, text } : {}),
    });
  }
  function onKey(pressed: KeyboardEvent) {
    if (pressed.key !== "Enter" || !(pressed.ctrlKey || pressed.metaKey)) return;
    pressed.preventDefault();
    if (blocked === null) ask();
  }
  return (
    <section
      aria-labelledby="dry-run-title"
      className="w-full shrink-0 space-y-3 overflow-y-auto border-line bg-bg p-3 max-lg:border-t lg:w-80 lg:border-s"
      onKeyDown={onKey}
    >
      <h3 id="dry-run-title" className="text-md font-semibold">
        Dry run
      </h3>
      <p className="text-sm text-ink-3">Everything is undone afterwards; mails and requests are noted, not sent.</p>
      <ChoiceRow
        label="Event"
        value={chosenEvent}
        onChange={setEvent}
        options={[...new Set([...usual, chosenEvent, ...names])].map((known) => ({ value: known, label: known }))}
      />
      <ChoiceRow
        label="Collection"
        value={chosenName}
        onChange={(next) => {
          setName(next);
          setRecord("");
        }}
        options={[
          ...(target ? [] : [{ value: chosenName, label: chosenName === "" ? "Choose…" : `${chosenName} (missing)` }]),
          ...collections.map((known) => ({ value: known.name, label: known.name })),
        ]}
      />
      {needsRecord && target && (
        <RecordRow label="Record" collectionId={target.id} value={record} onChange={setRecord} />
      )}
      <FieldBox
        label="Values"
        help="What is set before, as JSON."
        error={wrong ? (parsed.ok ? "This is not an object." : parsed.message) : undefined}
      >
        {(control) => (
          <textarea
            {...control}
            rows={2}
            spellCheck={false}
            placeholder='{"title": "Sample"}'
            className="control font-mono text-code"
            value={values}
            onChange={(change) => setValues(change.target.value)}
          />
        )}
      </FieldBox>
      <Button tone="primary" busy={run.isPending} blocked={blocked} onClick={ask}>
        <Play size={14} aria-hidden /> Dry run <Kbd>Ctrl ↵</Kbd>
      </Button>
      {run.isError && (
        <Notice tone="danger" role="alert">
          {inFull(run.error)}
        </Notice>
      )}
      {run.data && <DryRunResult result={run.data} />}
    </section>
  );
}
