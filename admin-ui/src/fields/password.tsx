import { Eye, EyeOff, KeyRound, WandSparkles } from "lucide-react";
import { useState } from "react";
import type { PasswordField } from "@/api/types";
import { toText } from "@/lib/assert";
import { randomPassword } from "@/lib/password";
import { IconButton } from "@/ui/button";
import { LimitOption, OptionGrid, PatternOption } from "./parts";
import type { CellProps, InputProps, Kind, OptionsProps } from "./types";

export const passwordKind: Kind<PasswordField> = {
  label: "Password",
  icon: KeyRound,
  hint: "Kept as a hash, never shown again",
  width: 110,
  defaults: { type: "password", min: 8, max: 0, pattern: "", cost: 0 },
};

export function PasswordInput({ value, onChange, control, record }: InputProps<PasswordField>) {
  const [shown, setShown] = useState(false);
  return (
    <div className="relative">
      <input
        {...control}
        type={shown ? "text" : "password"}
        autoComplete="new-password"
        spellCheck={false}
        className="control pe-18"
        placeholder={record ? "Unchanged. Type to set a new one" : "New password"}
        value={toText(value)}
        onChange={(event) => onChange(event.target.value)}
      />
      <div className="absolute inset-y-0 end-1 flex items-center">
        <IconButton label={shown ? "Hide password" : "Show password"} small onClick={() => setShown(!shown)}>
          {shown ? <EyeOff size={14} /> : <Eye size={14} />}
        </IconButton>
        <IconButton
          label="Generate a password"
          small
          onClick={() => {
            onChange(randomPassword());
            setShown(true);
          }}
        >
          <WandSparkles size={14} />
        </IconButton>
      </div>
    </div>
  );
}

export function PasswordCell(_props: CellProps<PasswordField>) {
  return (
    <span className="text-ink-3">
      <span aria-hidden>••••••</span>
      <span className="sr-only">hidden</span>
    </span>
  );
}

export function PasswordOptions({ field, onChange, errors }: OptionsProps<PasswordField>) {
  return (
    <OptionGrid>
      <LimitOption
        label="Shortest"
        placeholder="No minimum"
        value={field.min}
        onChange={(min) => onChange({ min })}
        error={errors["min"]}
      />
      <LimitOption
        label="Longest"
        placeholder="71 characters"
        value={field.max}
        onChange={(max) => onChange({ max })}
        error={errors["max"]}
      />
      <PatternOption
        label="Must match"
        help="A regular expression"
        value={field.pattern}
        onChange={(pattern) => onChange({ pattern })}
        error={errors["pattern"]}
      />
      <LimitOption
        label="Hash cost"
        help="4 to 31; every step doubles the work."
        placeholder="10"
        value={field.cost}
        onChange={(cost) => onChange({ cost })}
        error={errors["cost"]}
      />
    </OptionGrid>
  );
}
