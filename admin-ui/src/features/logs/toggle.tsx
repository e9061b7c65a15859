import { Switch } from "@/ui/switch";

type ToggleProps = {
  label: string;
  /** What fits on a phone. */
  short?: string;
  checked: boolean;
  onChange: (on: boolean) => void;
};

export function Toggle({ label, short = label, checked, onChange }: ToggleProps) {
  return (
    <label className="flex min-h-8 cursor-pointer items-center gap-2 pointer-coarse:min-h-11">
      <Switch label={label} checked={checked} onChange={onChange} />
      <span className="max-sm:hidden">{label}</span>
      <span className="sm:hidden">{short}</span>
    </label>
  );
}
