import { useState } from "react";
import type { Collection, FieldType } from "@/api/types";
import { ChoiceRow, TextRow } from "@/components/form-parts";
import { freshId } from "@/fields/fresh-id";
import { fieldTypes, kinds, newField } from "@/fields/registry";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { fieldNameProblem, withField } from "./new-field";

type FieldDialogProps = {
  collection: Collection | undefined;
  onClose: () => void;
  onAdd: (collection: Collection) => void;
};

/** The quick way to a field; its options are on the Schema tab. Relations have a dialog of their own. */
export function FieldDialog({ collection, onClose, onAdd }: FieldDialogProps) {
  const [name, setName] = useState("");
  const [type, setType] = useState<FieldType>("text");
  if (!collection) return null;
  const source = collection;
  const problem = fieldNameProblem(source, name);
  const types = fieldTypes.filter((known) => known !== "relation" && known !== "select");
  function add() {
    if (problem === null) onAdd(withField(source, newField(type, name, freshId(type))));
  }
  return (
    <Modal
      title={`New field in ${source.name}`}
      width="sm"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" blocked={problem} onClick={add}>
            Add field
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
        <TextRow
          label="Field name"
          value={name}
          onChange={setName}
          error={name === "" || problem === null ? undefined : problem}
        />
        <ChoiceRow
          label="Type"
          value={type}
          onChange={(next) => setType(types.find((known) => known === next) ?? "text")}
          options={types.map((known) => ({ value: known, label: kinds[known].label }))}
        />
      </form>
    </Modal>
  );
}
