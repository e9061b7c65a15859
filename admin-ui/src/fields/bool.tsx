import { Check, ToggleLeft } from "lucide-react";
import type { BoolField } from "@/api/types";
import { Switch } from "@/ui/switch";
import type { CellProps, InputProps, Kind } from "./types";

export const boolKind: Kind<BoolField> = {
  label: "Bool",
  icon: ToggleLeft,
  hint: "True or false",
  width: 90,
  defaults: { type: "bool" },
};

export function BoolInput({ value, onChange, control }: InputProps<BoolField>) {
  return (
    <div className="flex h-8 items-center gap-2">
      <Switch control={control} checked={value === true} onChange={onChange} />
      <span className="text-ink-2">{value === true ? "True" : "False"}</span>
    </div>
  );
}

export function BoolCell({ value }: CellProps<BoolField>) {
  return value === true ? (
    <span className="flex items-center gap-1 text-ok">
      <Check size={14} aria-hidden /> true
    </span>
  ) : (
    <span className="text-ink-3">false</span>
  );
}
