import { FieldBox } from "@/ui/field";
import { RecordPicker } from "./record-picker";

type RecordRowProps = { label: string; collectionId: string; value: string; onChange: (id: string) => void };

/** One record of a collection, chosen by what names it; empty for none. */
export function RecordRow({ label, collectionId, value, onChange }: RecordRowProps) {
  return (
    <FieldBox label={label}>
      {(control) => (
        <RecordPicker
          control={control}
          label={label}
          collectionId={collectionId}
          value={value === "" ? [] : [value]}
          multiple={false}
          max={1}
          onChange={(ids) => onChange(ids[0] ?? "")}
        />
      )}
    </FieldBox>
  );
}
