import { useId, type MouseEvent, type ReactNode } from "react";
import { cx } from "@/lib/cx";
import { Chips } from "@/ui/chips";
import { FieldBox } from "@/ui/field";
import { NumberInput } from "@/ui/number-input";
import { refuseUnread } from "@/ui/unread";

/** A page of forms: one column of readable width. */
export function FormPage({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  return (
    <div className="mx-auto w-full max-w-[680px] space-y-7 px-4 py-6">
      <header>
        <h1 className="text-xl font-semibold">{title}</h1>
        {lead && <p className="mt-1 text-ink-2">{lead}</p>}
      </header>
      {children}
    </div>
  );
}

type SectionProps = { title: string; lead?: ReactNode; aside?: ReactNode; children: ReactNode };

/** A switch that is turned off may hide a box, and with it what was typed and can't be read. */
function keepUnread(event: MouseEvent<HTMLElement>) {
  const turnsOff = event.target instanceof Element && event.target.closest("[role=switch][aria-checked=true]");
  if (turnsOff && refuseUnread(event.currentTarget) !== null) event.stopPropagation();
}

export function Section({ title, lead, aside, children }: SectionProps) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="space-y-3" onClickCapture={keepUnread}>
      <div className="flex flex-wrap items-end justify-between gap-2 border-b border-line pb-1.5">
        <h2 id={id} className="text-lg font-semibold">
          {title}
        </h2>
        {aside}
      </div>
      {lead && <p className="text-ink-2">{lead}</p>}
      {children}
    </section>
  );
}

export function TwoColumns({ children }: { children: ReactNode }) {
  return <div className="grid grid-cols-1 gap-x-4 gap-y-3 sm:grid-cols-2">{children}</div>;
}

type Common = { label: string; help?: ReactNode; error?: string | undefined; required?: boolean; wide?: boolean };

type TextRowProps = Common & {
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "email" | "url" | "password";
  placeholder?: string;
  mono?: boolean;
  autoComplete?: string;
};

export function TextRow({ value, onChange, type = "text", placeholder, mono, autoComplete, ...rest }: TextRowProps) {
  const { wide, ...box } = rest;
  return (
    <FieldBox {...box} {...(wide ? { className: "sm:col-span-2" } : {})}>
      {(control) => (
        <input
          {...control}
          type={type}
          autoComplete={autoComplete ?? "off"}
          spellCheck={false}
          placeholder={placeholder}
          className={cx("control", mono && "font-mono text-code")}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </FieldBox>
  );
}

type NumberRowProps = Common & { value: number; onChange: (value: number) => void; placeholder?: string };

export function NumberRow({ value, onChange, placeholder, wide, ...box }: NumberRowProps) {
  return (
    <FieldBox {...box} {...(wide ? { className: "sm:col-span-2" } : {})}>
      {(control) => (
        <NumberInput
          control={control}
          integer
          value={value}
          placeholder={placeholder ?? ""}
          onChange={(next) => onChange(next ?? 0)}
        />
      )}
    </FieldBox>
  );
}

type ChoiceRowProps = Common & {
  value: string;
  onChange: (value: string) => void;
  options: { value: string; label: string }[];
};

export function ChoiceRow({ value, onChange, options, wide, ...box }: ChoiceRowProps) {
  return (
    <FieldBox {...box} {...(wide ? { className: "sm:col-span-2" } : {})}>
      {(control) => (
        <select {...control} className="control" value={value} onChange={(event) => onChange(event.target.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </FieldBox>
  );
}

type ListRowProps = Common & { values: string[]; onChange: (values: string[]) => void; placeholder?: string };

export function ListRow({ values, onChange, placeholder, wide, ...box }: ListRowProps) {
  return (
    <FieldBox {...box} {...(wide ? { className: "sm:col-span-2" } : {})}>
      {(control) => (
        <Chips control={control} values={values} onChange={onChange} {...(placeholder ? { placeholder } : {})} />
      )}
    </FieldBox>
  );
}

type SecretRowProps = Omit<TextRowProps, "type" | "value" | "onChange"> & {
  value: string | undefined;
  /** `undefined` keeps the stored one. */
  onChange: (value: string | undefined) => void;
  stored: boolean;
};

/** Secrets are written, never read: empty keeps the stored one, also after something was typed. */
export function SecretRow({ value, onChange, stored, ...rest }: SecretRowProps) {
  return (
    <TextRow
      {...rest}
      type="password"
      autoComplete="new-password"
      value={value ?? ""}
      onChange={(next) => onChange(next === "" ? undefined : next)}
      placeholder={stored ? "set; type to replace it" : ""}
    />
  );
}

/** The message of a path or of anything below it. */
export function errorUnder(errors: Record<string, string>, path: string): string | undefined {
  return errors[path] ?? Object.entries(errors).find(([key]) => key.startsWith(`${path}.`))?.[1];
}
