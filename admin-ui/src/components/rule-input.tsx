import { Braces, Globe, Lock } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Rule } from "@/api/types";
import { complete, type Known } from "@/lib/expr/complete";
import { diagnose, type Problem } from "@/lib/expr/diagnose";
import type { Span } from "@/lib/paint";
import { Button } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";
import { Segmented } from "@/ui/radio";
import { CodeArea } from "./code-area";

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
  /** What the expression may name. */
  words?: Known[];
  spans?: Span[];
  /** More to do with it, beside the choice. */
  tools?: ReactNode;
  /** What the server says about it, in the place of what can be said without it. */
  below?: ReactNode;
};

type Mode = "locked" | "everyone" | "custom";

const noWords: Known[] = [];

function fieldNames(words: Known[]): string[] {
  return words.map((word) => word.name).filter((name) => /^\w+$/.test(name));
}

type RuleProblemProps = { rule: string; problem: Problem; onFix: (rule: string) => void };

/** Said while typing; the server has the last word when it is applied. */
function RuleProblem({ rule, problem, onFix }: RuleProblemProps) {
  const { from, to, message, fix } = problem;
  return (
    <p role="status" className="mt-1 flex flex-wrap items-center gap-2 text-sm text-warn">
      {message}
      {fix !== undefined && (
        <Button size="sm" className="!min-h-6" onClick={() => onFix(rule.slice(0, from) + fix + rule.slice(to))}>
          Use {fix}
        </Button>
      )}
    </p>
  );
}

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
  words = noWords,
  spans,
  tools,
  below,
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
  const problem =
    mode === "custom" && rule && words.length > 0 && below === undefined ? diagnose(rule, fieldNames(words)) : null;
  function choose(next: string) {
    setChoosing(next === "custom");
    onChange(next === "locked" ? null : next === "everyone" ? "" : kept === "" ? null : kept);
  }
  return (
    <fieldset className="rounded-md border border-line bg-bg p-4" aria-label={`${title} rule`}>
      <div className="flex flex-wrap items-center gap-x-1 gap-y-2">
        <div className="me-auto pe-3 max-sm:flex-1">
          <h3 className="text-md font-semibold">{title}</h3>
          <p className="text-sm text-ink-3">{help}</p>
        </div>
        {readOnly ? (
          <p className="text-sm text-ink-3">{readOnly}</p>
        ) : (
          <>
            {/* On a phone a line of its own has room for all three. */}
            <span className="max-sm:order-last max-sm:basis-full">
              <Segmented label={`Who may: ${title.toLowerCase()}`} value={mode} options={options} onChange={choose} />
            </span>
            {tools}
          </>
        )}
      </div>
      {mode === "custom" && !readOnly && (
        <FieldBox label={`${title} rule expression`} error={error} className="mt-3">
          {(control) => (
            <CodeArea
              control={control}
              placeholder='owner = @request.auth.id && status != "archived"'
              value={rule ?? ""}
              {...(spans ? { spans } : {})}
              complete={(text, caret) => complete(text, caret, words)}
              onChange={(next) => {
                setChoosing(true);
                setKept(next);
                onChange(next === "" ? null : next);
              }}
            />
          )}
        </FieldBox>
      )}
      {problem && rule && <RuleProblem rule={rule} problem={problem} onFix={onChange} />}
      {below}
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
