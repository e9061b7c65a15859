import { useEffect, useRef, type KeyboardEvent } from "react";
import type { Collection, RecordRow } from "@/api/types";
import { useLeaveGuard } from "@/components/leave-guard";
import { MergeDialog } from "@/components/merge-dialog";
import { relative } from "@/lib/dates";
import { decided } from "@/lib/merge3";
import { count } from "@/lib/words";
import { Button } from "@/ui/button";
import { Kbd } from "@/ui/kbd";
import { Notice } from "@/ui/notice";
import { RecordForm } from "./record-form";
import { useRecordEditor, type Saved } from "./use-record-editor";

type RecordEditorViewProps = {
  collection: Collection;
  record: RecordRow | null;
  onClose: () => void;
  onSaved: (record: RecordRow) => void;
  /** How many fields need attention. */
  onWrong: (fields: number) => void;
};

export function RecordEditorView({ collection, record, onClose, onSaved, onWrong }: RecordEditorViewProps) {
  const editor = useRecordEditor(collection, record);
  const form = useRef<HTMLFormElement>(null);
  const leaving = useRef(false);
  const readOnly = collection.type === "view";
  const { draft, dirty, errors, failure, stored } = editor;

  useLeaveGuard({
    dirty,
    passes: (from, to) => leaving.current || (from.pathname === to.pathname && from.record === to.record),
    what: `${count(draft.dirty.length, "changed field")}: ${draft.dirty.join(", ")}`,
    onLeave: stored.forget,
  });
  const firstWrong = Object.keys(errors)[0];
  // The browser's focus goes to the first field that needs attention.
  useEffect(() => {
    if (firstWrong === undefined) return;
    form.current
      ?.querySelector<HTMLElement>(
        `[data-field="${firstWrong}"] :is(input, textarea, select, [role=switch], [contenteditable=true])`,
      )
      ?.focus();
  }, [firstWrong]);
  const wrong = Object.keys(errors).length;
  // The label of the tab is outside the form.
  useEffect(() => onWrong(wrong), [onWrong, wrong]);
  const isNew = record === null;
  const continued = isNew ? undefined : editor.given.at(-1);
  // A new form starts in its first field, one that goes on with another in the field that was being typed in.
  useEffect(() => {
    if (!isNew && continued === undefined) return;
    const field = continued === undefined ? "[data-field]" : `[data-field="${continued}"]`;
    const box = form.current?.querySelector<HTMLInputElement | HTMLTextAreaElement>(`${field} :is(input, textarea)`);
    box?.focus();
    if (continued !== undefined && (box?.type === "text" || box?.type === "textarea"))
      box.setSelectionRange(box.value.length, box.value.length);
  }, [isNew, continued]);

  const save = (close: boolean, choice: Record<string, unknown> = {}) => saved(editor.save(choice), close);
  async function saved(sending: Promise<Saved>, close: boolean) {
    const answer = await sending;
    if (!answer.ok) return;
    leaving.current = true;
    onSaved(answer.record);
    // What was typed meanwhile is still to be saved.
    if (close && !answer.left) onClose();
    setTimeout(() => {
      leaving.current = false;
    }, 0);
  }
  function onKeyDown(event: KeyboardEvent) {
    const mod = event.ctrlKey || event.metaKey;
    if (!mod || (event.key !== "s" && event.key !== "Enter")) return;
    event.preventDefault();
    if (dirty || record === null) void save(event.key === "Enter");
  }
  const nothing = record !== null && !dirty ? "Nothing has changed" : null;
  return (
    <form
      ref={form}
      noValidate
      className="flex min-h-0 flex-1 flex-col"
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        if (!nothing) void save(false);
      }}
    >
      <fieldset disabled={readOnly} className="relative min-h-0 min-w-0 flex-1 overflow-y-auto px-4 py-4">
        {stored.found && !dirty && (
          <Notice tone="info" role="status" className="mb-4">
            <p>Unsaved draft from {relative(new Date(stored.found.at))}.</p>
            <div className="mt-1.5 flex gap-2">
              <Button size="sm" onClick={() => stored.found && draft.set(stored.found.patch)}>
                Restore draft
              </Button>
              <Button size="sm" tone="ghost" onClick={stored.forget}>
                Discard draft
              </Button>
            </div>
          </Notice>
        )}
        {failure && (
          <Notice tone="danger" role="alert" className="mb-4">
            {failure}
            {editor.gone && (
              <div className="mt-1.5">
                <Button size="sm" busy={editor.busy} onClick={() => void saved(editor.createAsNew(), false)}>
                  Create as new
                </Button>
              </div>
            )}
          </Notice>
        )}
        <RecordForm
          collection={collection}
          fields={editor.fields}
          record={record}
          values={draft.value}
          dirty={draft.dirty}
          errors={errors}
          onChange={editor.set}
          onRevert={(name) => draft.revert(name)}
        />
      </fieldset>
      {!readOnly && (
        <footer className="flex shrink-0 flex-wrap items-center justify-end gap-2 border-t border-line bg-canvas px-4 py-2.5">
          <span className="tnum flex-1 text-sm whitespace-nowrap text-ink-2">
            {record !== null && dirty ? count(draft.dirty.length, "change") : ""}
          </span>
          {dirty && record !== null && (
            <Button tone="ghost" onClick={editor.discard}>
              Discard changes
            </Button>
          )}
          <Button busy={editor.busy} blocked={nothing} onClick={() => void save(true)}>
            Save and close
          </Button>
          <Button tone="primary" type="submit" busy={editor.busy} blocked={nothing}>
            Save <Kbd>{/mac/i.test(navigator.userAgent) ? "⌘S" : "Ctrl S"}</Kbd>
          </Button>
        </footer>
      )}
      {editor.conflicts.length > 0 && (
        <MergeDialog
          conflicts={editor.conflicts}
          onCancel={editor.dismissConflicts}
          onMerge={(sides) => void save(false, decided(editor.conflicts, sides))}
        />
      )}
    </form>
  );
}
