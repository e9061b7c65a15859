import { CalendarClock } from "lucide-react";
import type { AutodateField } from "@/api/types";
import { DateText } from "@/components/date-text";
import { toText } from "@/lib/assert";
import { FieldBox } from "@/ui/field";
import { emptyCell } from "./parts";
import type { CellProps, InputProps, Kind, OptionsProps } from "./types";

export const autodateKind: Kind<AutodateField> = {
  label: "Autodate",
  icon: CalendarClock,
  hint: "Set by the server on create or update",
  width: 150,
  defaults: { type: "autodate", onCreate: true, onUpdate: false },
};

export function AutodateInput({ value, control }: InputProps<AutodateField>) {
  const text = toText(value);
  return (
    <output {...control} className="flex min-h-8 items-center text-ink-2">
      {text === "" ? "Set when saved" : <DateText value={text} long />}
    </output>
  );
}

export function AutodateCell({ value }: CellProps<AutodateField>) {
  const text = toText(value);
  return text === "" ? emptyCell : <DateText value={text} />;
}

export function AutodateOptions({ field, onChange, errors }: OptionsProps<AutodateField>) {
  const value = field.onCreate && field.onUpdate ? "both" : field.onUpdate ? "update" : "create";
  return (
    <FieldBox
      label="Set"
      error={errors["onCreate"] ?? errors["onUpdate"]}
      help={field.system ? "Fixed for a system field." : undefined}
    >
      {(control) => (
        <select
          {...control}
          className="control"
          disabled={field.system}
          value={value}
          onChange={(event) =>
            onChange({ onCreate: event.target.value !== "update", onUpdate: event.target.value !== "create" })
          }
        >
          <option value="create">when the record is created</option>
          <option value="update">when the record is updated</option>
          <option value="both">when it is created and updated</option>
        </select>
      )}
    </FieldBox>
  );
}
