import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { collectionsQuery, updateCollection } from "@/api/collections";
import { toUiError } from "@/api/errors";
import type { Collection, Rule } from "@/api/types";
import { useFeature } from "@/components/features";
import { RuleInput } from "@/components/rule-input";
import { ruleWords } from "@/components/rule-words";
import { noticeRefusal } from "@/components/session";
import { toast } from "@/components/toasts";
import { cx } from "@/lib/cx";
import { Button, buttonClass } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";
import { accessOf, ruleOf, type actions } from "./model";

type RuleDialogProps = {
  collection: Collection;
  collections: Collection[];
  action: (typeof actions)[number] | undefined;
  onClose: () => void;
};

/** One rule, edited with the same card as in the collection itself. Opening something up is said before it is saved. */
export function RuleDialog({ collection, collections, action, onClose }: RuleDialogProps) {
  const client = useQueryClient();
  const before = action ? ruleOf(collection, action.key) : null;
  const [rule, setRule] = useState<Rule>(before);
  const [error, setError] = useState<string | undefined>();
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const lab = useFeature("rules") === true;
  if (!action) return null;
  const { key, title, help } = action;
  const name = key.replace("Rule", "");
  const opens = accessOf(rule) === "everyone" && accessOf(before) !== "everyone";
  async function save() {
    setBusy(true);
    setError(undefined);
    setFailure(null);
    try {
      await updateCollection(collection.id, { [key]: rule });
      await client.invalidateQueries({ queryKey: collectionsQuery.queryKey });
      toast(`${title} rule of ${collection.name} saved`);
      onClose();
    } catch (caught) {
      void noticeRefusal(caught);
      const said = toUiError(caught);
      setError(said.fields[key]);
      if (said.fields[key] === undefined) setFailure(said.title);
      setBusy(false);
    }
  }
  return (
    <Modal
      title={`${title} rule of ${collection.name}`}
      onClose={onClose}
      footer={
        <>
          {lab && (
            <a
              href={`#/collections/${encodeURIComponent(collection.name)}?tab=rules&record=${encodeURIComponent(`${name}|guest|`)}`}
              className={cx(buttonClass("ghost"), "me-auto")}
            >
              Test it
            </a>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            busy={busy}
            blocked={rule === before ? "Nothing has changed" : null}
            onClick={() => void save()}
          >
            Save rule
          </Button>
        </>
      }
    >
      <div className="space-y-3 pb-3">
        <RuleInput
          title={title}
          help={help}
          rule={rule}
          error={error}
          words={ruleWords(collection, collections)}
          withoutEveryone={key === "manageRule"}
          onChange={setRule}
        />
        {opens && (
          <Notice tone="warn" role="status">
            Everyone on the internet will be able to do this.
          </Notice>
        )}
        {failure && (
          <Notice tone="danger" role="alert">
            {failure}
          </Notice>
        )}
      </div>
    </Modal>
  );
}
