import { useState } from "react";
import { toUiError } from "@/api/errors";
import type { Collection } from "@/api/types";
import { prefs } from "@/components/prefs";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";
import { useStore } from "@/ui/use-store";
import { jumpToRecord, jumpToValue } from "./jumps";
import type { Jumping } from "./use-jump";

type GoToProps = { collection: Collection; filter: string; jump: Jumping; onClose: () => void };

/** Places in a long list: its ends, a value of the column it is sorted by, or one record. */
export default function GoToDialog({ collection, filter, jump, onClose }: GoToProps) {
  const { key } = jump;
  const { zone } = useStore(prefs);
  const [value, setValue] = useState("");
  const [id, setId] = useState("");
  const [error, setError] = useState<string | null>(null);
  const type = collection.fields.find((field) => field.name === key?.field)?.type ?? "text";
  if (!key) {
    return (
      <Modal title="Go to" width="sm" onClose={onClose} footer={<Button onClick={onClose}>Close</Button>}>
        <p className="pb-3">Sort by one column first; its values are the places to go to.</p>
      </Modal>
    );
  }
  async function go() {
    if (!key) return;
    setError(null);
    try {
      const next =
        id.trim() === "" ? jumpToValue(key, type, value, zone) : await jumpToRecord(collection, filter, key, id.trim());
      if (typeof next === "string") setError(next);
      else {
        jump.to(next);
        onClose();
      }
    } catch (caught) {
      setError(caught instanceof Error && !("status" in caught) ? caught.message : toUiError(caught).title);
    }
  }
  async function toEnd() {
    try {
      await jump.toEnd();
      onClose();
    } catch (caught) {
      setError(toUiError(caught).title);
    }
  }
  return (
    <Modal
      title="Go to"
      width="sm"
      onClose={onClose}
      footer={
        <>
          <Button
            onClick={() => {
              jump.to({ from: "", before: "", words: "", focus: "first" });
              onClose();
            }}
          >
            First record
          </Button>
          <Button onClick={() => void toEnd()}>Last record</Button>
          <Button tone="primary" onClick={() => void go()}>
            Go
          </Button>
        </>
      }
    >
      <form
        className="space-y-3 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        <FieldBox
          label={`${key.field} ${key.desc ? "≤" : "≥"}`}
          help="The list starts at this value; everything before it stays where it is."
        >
          {(control) => (
            <input
              {...control}
              className="control"
              autoComplete="off"
              placeholder={type === "autodate" || type === "date" ? "2026-03-01" : ""}
              value={value}
              onChange={(event) => setValue(event.target.value)}
            />
          )}
        </FieldBox>
        <FieldBox label="Record id">
          {(control) => (
            <input
              {...control}
              className="control font-mono text-code"
              autoComplete="off"
              spellCheck={false}
              value={id}
              onChange={(event) => setId(event.target.value)}
            />
          )}
        </FieldBox>
        <input type="submit" hidden />
        {error && (
          <Notice tone="danger" role="alert">
            {error}
          </Notice>
        )}
      </form>
    </Modal>
  );
}
