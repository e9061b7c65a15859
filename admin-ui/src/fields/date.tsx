import { Calendar } from "lucide-react";
import type { DateField } from "@/api/types";
import { DateText } from "@/components/date-text";
import { toText } from "@/lib/assert";
import { BadText } from "@/lib/typed";
import { FieldBox } from "@/ui/field";
import { DateInput } from "./lazy";
import { emptyCell, OptionGrid } from "./parts";
import type { CellProps, InputProps, Kind, OptionsProps } from "./types";

export const dateKind: Kind<DateField> = {
  label: "Date",
  icon: Calendar,
  hint: "A day and time",
  width: 150,
  defaults: { type: "date", min: "", max: "" },
};

export function DateFieldInput({ field, value, onChange, control }: InputProps<DateField>) {
  const shown = value instanceof BadText ? value : toText(value);
  return <DateInput control={control} label={field.name} value={shown} onChange={onChange} onBad={onChange} />;
}

export function DateCell({ value }: CellProps<DateField>) {
  const text = toText(value);
  return text === "" ? emptyCell : <DateText value={text} />;
}

export function DateOptions({ field, onChange, errors }: OptionsProps<DateField>) {
  return (
    <OptionGrid>
      <FieldBox label="Earliest" error={errors["min"]}>
        {(control) => (
          <DateInput control={control} label="Earliest" value={field.min} onChange={(min) => onChange({ min })} />
        )}
      </FieldBox>
      <FieldBox label="Latest" error={errors["max"]}>
        {(control) => (
          <DateInput control={control} label="Latest" value={field.max} onChange={(max) => onChange({ max })} />
        )}
      </FieldBox>
    </OptionGrid>
  );
}
