import { Hash } from "lucide-react";
import type { NumberField } from "@/api/types";
import { BadText } from "@/lib/typed";
import { NumberInput } from "@/ui/number-input";
import { SwitchRow } from "@/ui/switch";
import { NumberOption, OptionGrid } from "./parts";
import type { InputProps, Kind, OptionsProps, TextCell } from "./types";

export const numberKind: Kind<NumberField> = {
  label: "Number",
  icon: Hash,
  hint: "A whole or decimal number",
  width: 120,
  defaults: { type: "number", min: null, max: null, onlyInt: false },
};

let format: Intl.NumberFormat | undefined;

/** Made with the first number that is shown. */
function plain(value: number): string {
  format ??= new Intl.NumberFormat(undefined, { maximumFractionDigits: 20 });
  return format.format(value);
}

export function NumberFieldInput({ field, value, onChange, control }: InputProps<NumberField>) {
  const bounds = [field.min === null ? "" : `from ${field.min}`, field.max === null ? "" : `to ${field.max}`].filter(
    Boolean,
  );
  return (
    <NumberInput
      control={control}
      value={typeof value === "number" || value instanceof BadText ? value : null}
      integer={field.onlyInt}
      placeholder={bounds.join(" ")}
      onChange={(next) => onChange(next ?? 0)}
      onBad={onChange}
    />
  );
}

export const numberCell: TextCell = {
  text: (value) => (typeof value === "number" ? plain(value) : ""),
  look: "tnum",
};

export function NumberOptions({ field, onChange, errors }: OptionsProps<NumberField>) {
  return (
    <OptionGrid>
      <NumberOption
        label="Smallest"
        placeholder="No minimum"
        integer={false}
        value={field.min}
        onChange={(min) => onChange({ min })}
        error={errors["min"]}
      />
      <NumberOption
        label="Largest"
        placeholder="No maximum"
        integer={false}
        value={field.max}
        onChange={(max) => onChange({ max })}
        error={errors["max"]}
      />
      <SwitchRow label="Whole numbers only" checked={field.onlyInt} onChange={(onlyInt) => onChange({ onlyInt })} />
    </OptionGrid>
  );
}
