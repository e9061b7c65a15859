import { useState } from "react";
import type { Collection } from "@/api/types";
import { ChoiceRow, TextRow } from "@/components/form-parts";
import { freshId } from "@/fields/fresh-id";
import { newField } from "@/fields/registry";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { SwitchRow } from "@/ui/switch";
import { fieldNameProblem, withField } from "./new-field";

export type RelationStart = { from: string; to: string };

type RelationDialogProps = {
  collections: Collection[];
  start: RelationStart;
  onClose: () => void;
  onAdd: (collection: Collection) => void;
};

/** A field that points at records of another collection. */
export function RelationDialog({ collections, start, onClose, onAdd }: RelationDialogProps) {
  const own = collections.filter((collection) => !collection.system);
  const [from, setFrom] = useState(start.from === "" ? (own[0]?.id ?? "") : start.from);
  const [to, setTo] = useState(start.to === "" ? (own.find((known) => known.id !== from)?.id ?? from) : start.to);
  const source = collections.find((collection) => collection.id === from);
  const target = collections.find((collection) => collection.id === to);
  const [typed, setTyped] = useState<string | null>(null);
  const [many, setMany] = useState(false);
  const [cascade, setCascade] = useState(false);
  const name = typed ?? (target ? (many ? target.name : target.name.replace(/s$/, "")) : "");
  const problem = source ? fieldNameProblem(source, name) : "Choose a collection";
  function add() {
    if (!source || !target || problem !== null) return;
    const field = newField("relation", name, freshId("relation"));
    if (field.type !== "relation") return;
    onAdd(withField(source, { ...field, collectionId: target.id, maxSelect: many ? 999 : 1, cascadeDelete: cascade }));
  }
  const options = own.map((known) => ({ value: known.id, label: known.name }));
  return (
    <Modal
      title="New relation"
      width="sm"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" blocked={problem} onClick={add}>
            Add relation
          </Button>
        </>
      }
    >
      <form
        className="space-y-3 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          add();
        }}
      >
        <ChoiceRow label="From" value={from} onChange={setFrom} options={options} />
        <ChoiceRow label="To" value={to} onChange={setTo} options={options} />
        <TextRow
          label="Field name"
          value={name}
          onChange={setTyped}
          error={name === "" || problem === null ? undefined : problem}
        />
        <SwitchRow label="Several records" checked={many} onChange={setMany} />
        <SwitchRow
          label="Cascade delete"
          help="Deleting what it points at deletes the record, too."
          checked={cascade}
          onChange={setCascade}
        />
      </form>
    </Modal>
  );
}
