import { Mail } from "lucide-react";
import type { EmailField } from "@/api/types";
import { toText } from "@/lib/assert";
import { ChipsOption, OptionGrid } from "./parts";
import type { InputProps, Kind, TextCell } from "./types";

export const emailKind: Kind<EmailField> = {
  label: "Email",
  icon: Mail,
  hint: "An e-mail address",
  width: 220,
  defaults: { type: "email", exceptDomains: [], onlyDomains: [] },
};

export function EmailInput({ value, onChange, control }: InputProps<EmailField>) {
  return (
    <input
      {...control}
      type="email"
      autoComplete="off"
      spellCheck={false}
      className="control"
      placeholder="name@example.com"
      value={toText(value)}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

export const emailCell: TextCell = { text: toText, look: "" };

/** Allowed or refused domains; the server accepts only one of the two lists. */
type Domains = Pick<EmailField, "onlyDomains" | "exceptDomains">;
type DomainOptionsProps = {
  field: Domains;
  onChange: (change: Partial<Domains>) => void;
  errors: Record<string, string>;
};

export function DomainOptions({ field, onChange, errors }: DomainOptionsProps) {
  return (
    <OptionGrid>
      <ChipsOption
        label="Only these domains"
        help={field.exceptDomains.length > 0 ? "Empty the other list first." : "Empty means any domain."}
        placeholder="example.com"
        values={field.onlyDomains}
        onChange={(onlyDomains) => onChange({ onlyDomains })}
        error={errors["onlyDomains"]}
      />
      <ChipsOption
        label="Never these domains"
        help={field.onlyDomains.length > 0 ? "Empty the other list first." : "Empty refuses none."}
        placeholder="example.com"
        values={field.exceptDomains}
        onChange={(exceptDomains) => onChange({ exceptDomains })}
        error={errors["exceptDomains"]}
      />
    </OptionGrid>
  );
}
