import { useState } from "react";
import type { Collection, FieldType } from "@/api/types";
import { ChoiceRow, TextRow } from "@/components/form-parts";
import { freshId } from "@/fields/fresh-id";
import { fieldTypes, kinds, newField } from "@/fields/registry";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { SwitchRow } from "@/ui/switch";
import { fieldNameProblem, withField } from "./new-field";

/** What was asked for: a field of a collection, or a relation, whose ends may be open yet. */
export type FieldStart = { kind: "field"; of: string } | { kind: "relation"; from: string; to: string };

type NewFieldProps = {
  collections: Collection[];
  start: FieldStart;
  onClose: () => void;
  onAdd: (collection: Collection) => void;
};

const types = fieldTypes.filter((known) => known !== "relation" && known !== "select");

/** The quick way to a field, or to one that points at another collection; its options are on the Schema tab. */
export function NewFieldDialog({ collections, start, onClose, onAdd }: NewFieldProps) {
  const relates = start.kind === "relation";
  const own = collections.filter((known) => !known.system);
  const given = start.kind === "relation" ? start.from : start.of;
  const [from, setFrom] = useState(given === "" ? (own[0]?.id ?? "") : given);
  const aim = start.kind === "relation" ? start.to : "";
  const [to, setTo] = useState(aim === "" ? (own.find((known) => known.id !== from)?.id ?? from) : aim);
  const [type, setType] = useState<FieldType>("text");
  const [typed, setTyped] = useState<string | null>(null);
  const [many, setMany] = useState(false);
  const [cascade, setCascade] = useState(false);
  const source = collections.find((known) => known.id === from);
  const target = relates ? collections.find((known) => known.id === to) : undefined;
  const name = typed ?? (target ? (many ? target.name : target.name.replace(/s$/, "")) : "");
  const problem = source ? fieldNameProblem(source, name) : "Choose a collection";
  function add() {
    if (!source || problem !== null) return;
    const kind = relates ? "relation" : type;
    const field = newField(kind, name, freshId(kind));
    if (field.type !== "relation") onAdd(withField(source, field));
    else if (target) {
      const maxSelect = many ? 999 : 1;
      onAdd(withField(source, { ...field, collectionId: target.id, maxSelect, cascadeDelete: cascade }));
    }
  }
  const options = own.map((known) => ({ value: known.id, label: known.name }));
  return (
    <Modal
      title={relates ? "New relation" : `New field in ${source?.name ?? ""}`}
      width="sm"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" blocked={problem} onClick={add}>
            {relates ? "Add relation" : "Add field"}
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
        {relates && (
          <>
            <ChoiceRow label="From" value={from} onChange={setFrom} options={options} />
            <ChoiceRow label="To" value={to} onChange={setTo} options={options} />
          </>
        )}
        <TextRow
          label="Field name"
          value={name}
          onChange={setTyped}
          error={name === "" || problem === null ? undefined : problem}
        />
        {relates ? (
          <>
            <SwitchRow label="Several records" checked={many} onChange={setMany} />
            <SwitchRow
              label="Cascade delete"
              help="Deleting what it points at deletes the record, too."
              checked={cascade}
              onChange={setCascade}
            />
          </>
        ) : (
          <ChoiceRow
            label="Type"
            value={type}
            onChange={(next) => setType(types.find((known) => known === next) ?? "text")}
            options={types.map((known) => ({ value: known, label: kinds[known].label }))}
          />
        )}
      </form>
    </Modal>
  );
}
