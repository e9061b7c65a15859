import { Braces, Globe, Lock } from "lucide-react";
import { useState } from "react";
import type { Rule } from "@/api/types";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";
import { Segmented } from "@/ui/radio";

type RuleInputProps = {
  title: string;
  help: string;
  rule: Rule;
  onChange: (rule: Rule) => void;
  error?: string | undefined;
  /** Shown when everyone may do it. */
  openWarning?: string;
  withoutEveryone?: boolean;
  lockedLabel?: string;
  readOnly?: string;
};

type Mode = "locked" | "everyone" | "custom";

/** The three states of a rule as three named choices, so that "empty means public" is never a surprise. */
export function RuleInput({
  title,
  help,
  rule,
  onChange,
  error,
  openWarning,
  withoutEveryone,
  lockedLabel,
  readOnly,
}: RuleInputProps) {
  const [kept, setKept] = useState(rule ?? "");
  const [choosing, setChoosing] = useState(false);
  const mode: Mode = choosing && !rule ? "custom" : rule === null ? "locked" : rule === "" ? "everyone" : "custom";
  const options = [
    { value: "locked", label: lockedLabel ?? "Superusers only", icon: <Lock size={14} aria-hidden /> },
    ...(withoutEveryone
      ? []
      : [{ value: "everyone", label: "Everyone", icon: <Globe size={14} aria-hidden className="text-warn" /> }]),
    { value: "custom", label: "Only if…", icon: <Braces size={14} aria-hidden className="text-accent-text" /> },
  ];
  function choose(next: string) {
    setChoosing(next === "custom");
    onChange(next === "locked" ? null : next === "everyone" ? "" : kept === "" ? null : kept);
  }
  return (
    <fieldset className="rounded-md border border-line bg-bg p-4" aria-label={`${title} rule`}>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div>
          <h3 className="text-md font-semibold">{title}</h3>
          <p className="text-sm text-ink-3">{help}</p>
        </div>
        {readOnly ? (
          <p className="text-sm text-ink-3">{readOnly}</p>
        ) : (
          <Segmented label={`Who may: ${title.toLowerCase()}`} value={mode} options={options} onChange={choose} />
        )}
      </div>
      {mode === "custom" && !readOnly && (
        <FieldBox label={`${title} rule expression`} error={error} className="mt-3">
          {(control) => (
            <textarea
              {...control}
              rows={1}
              spellCheck={false}
              className="control font-mono text-code"
              placeholder='owner = @request.auth.id && status != "archived"'
              value={rule ?? ""}
              onChange={(event) => {
                setChoosing(true);
                setKept(event.target.value);
                onChange(event.target.value === "" ? null : event.target.value);
              }}
            />
          )}
        </FieldBox>
      )}
      {mode === "everyone" && openWarning && (
        <Notice tone="warn" className="mt-3">
          {openWarning}
        </Notice>
      )}
      {mode !== "custom" && error && (
        <Notice tone="danger" role="alert" className="mt-3">
          {error}
        </Notice>
      )}
    </fieldset>
  );
}
