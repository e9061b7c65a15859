import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { collectionsQuery } from "@/api/collections";
import { ruleCheckQuery } from "@/api/rules";
import type { Collection } from "@/api/types";
import { useFeature } from "@/components/features";
import { RuleInput } from "@/components/rule-input";
import { ruleWords } from "@/components/rule-words";
import type { DraftHandle } from "@/components/use-draft";
import { useSettled } from "@/components/use-settled";
import { paintRule } from "@/lib/expr/paint";
import type { Known } from "@/lib/expr/complete";
import { squiggle } from "@/lib/paint";
import { labActions, parseAsked, ruleOf, withoutUnsaved, type Asked, type RuleKey } from "./model";
import { pause, RuleLab } from "./rule-lab";
import { RuleMenu } from "./rule-menu";
import type { ActionChoice } from "./rule-test";
import { SavedTests } from "./saved-tests";

type Texts = { title: string; help: string; openWarning?: string; withoutEveryone?: boolean };

const texts: Record<RuleKey, Texts> = {
  listRule: { title: "List", help: "Which records a list or search contains." },
  viewRule: { title: "View", help: "Which records can be opened by id." },
  createRule: {
    title: "Create",
    help: "Which new records are accepted.",
    openWarning: "Anyone on the internet can create records.",
  },
  updateRule: {
    title: "Update",
    help: "Which records can be changed.",
    openWarning: "Anyone on the internet can change every record.",
  },
  deleteRule: {
    title: "Delete",
    help: "Which records can be deleted.",
    openWarning: "Anyone on the internet can delete every record.",
  },
  manageRule: {
    title: "Manage",
    help: "Who may also change e-mail, password and verified state of other records.",
    withoutEveryone: true,
  },
};

type RulesTabProps = {
  draft: DraftHandle<Collection>;
  errors: Record<string, string>;
  /** A question that somebody came with. */
  test?: string;
};

/** Who may do what. Superusers always may. */
export function RulesTab({ draft, errors, test }: RulesTabProps) {
  const collection = draft.value;
  const lab = useFeature("rules") === true && draft.base.id !== "";
  const words = ruleWords(collection, useQuery(collectionsQuery).data ?? []);
  const [turned, setTurned] = useState<{ test: string | undefined; asked: Asked } | null>(null);
  const asked = turned && turned.test === test ? turned.asked : parseAsked(test ?? "");
  const keys = labActions
    .map(({ key }) => key)
    .filter((key) => key !== "manageRule" && (collection.type !== "view" || key === "listRule" || key === "viewRule"));
  const card = {
    draft,
    errors,
    words,
    lab,
    asked,
    actions: [...keys, ...(collection.type === "auth" ? (["manageRule"] as const) : [])].flatMap((key) =>
      labActions.filter((known) => known.key === key).map(({ action }) => ({ action, title: texts[key].title })),
    ),
    onTurn: (next: Asked) => setTurned({ test, asked: next }),
  };
  return (
    <div className="mx-auto w-full max-w-[760px] space-y-3 px-4 py-6">
      <h2 className="sr-only">Rules</h2>
      <p className="mb-4 text-ink-2">
        Rules decide what clients may do through the API. Superusers are never limited by them. An expression may use
        the record&apos;s fields and <code className="font-mono text-code text-ink">@request.auth</code>,{" "}
        <code className="font-mono text-code text-ink">@request.body</code>,{" "}
        <code className="font-mono text-code text-ink">@collection</code>.
      </p>
      {keys.map((key) => (
        <Card key={key} ruleKey={key} {...card} />
      ))}
      {collection.type === "auth" && (
        <>
          <RuleInput
            words={words}
            title="Authentication"
            help="Which records may sign in, e.g. verified = true."
            lockedLabel="Nobody"
            rule={collection.authRule ?? null}
            error={errors["authRule"]}
            onChange={(authRule) => draft.set({ authRule })}
          />
          <Card ruleKey="manageRule" {...card} />
        </>
      )}
      {lab && <SavedTests collection={draft.base.id} />}
    </div>
  );
}

type CardProps = Required<Pick<RulesTabProps, "draft" | "errors">> & {
  ruleKey: RuleKey;
  words: Known[];
  /** The server can say more about rules. */
  lab: boolean;
  asked: Asked | null;
  /** What a question can be turned to. */
  actions: ActionChoice[];
  onTurn: (asked: Asked) => void;
};

function Card({ ruleKey, draft, errors, words, lab, asked, actions, onTurn }: CardProps) {
  const collection = draft.value;
  const action = labActions.find((known) => known.key === ruleKey)?.action ?? "list";
  const { title, help, openWarning, withoutEveryone } = texts[ruleKey];
  const rule = ruleOf(collection, ruleKey);
  const settled = useSettled(rule, pause);
  const fixed = collection.system && ruleKey !== "manageRule";
  const check = useQuery({
    ...ruleCheckQuery(draft.base.id, action, settled),
    enabled: lab && !fixed && typeof settled === "string" && settled !== "",
  });
  const said = settled === rule && rule ? (check.data?.diagnostics ?? []) : [];
  const problems = withoutUnsaved(said, rule ?? "", draft.base.fields, collection.fields);
  const mine = asked?.action === action ? asked : null;
  const spans = [
    ...paintRule(rule ?? ""),
    ...problems.map(({ from, to, severity }) => ({ from, to: Math.max(to, from + 1), className: squiggle[severity] })),
  ];
  const set = (next: string | null) => draft.set({ [ruleKey]: next });
  const warning =
    ruleKey === "createRule" && collection.type === "auth" ? "Anyone on the internet can sign up." : openWarning;
  return (
    <RuleInput
      words={words}
      title={title}
      help={help}
      rule={rule}
      error={errors[ruleKey]}
      spans={spans}
      tools={<RuleMenu draft={draft} ruleKey={ruleKey} actions={actions} />}
      onChange={set}
      {...(warning ? { openWarning: warning } : {})}
      {...(withoutEveryone ? { withoutEveryone } : {})}
      {...(fixed ? { readOnly: "The rules of a system collection are fixed." } : {})}
      {...(lab && !fixed
        ? {
            below: (
              <RuleLab
                key={mine ? "asked" : "own"}
                collection={draft.base.id}
                action={action}
                title={title}
                rule={rule}
                problems={problems}
                asked={mine}
                actions={actions}
                onTurn={onTurn}
                onFix={set}
              />
            ),
          }
        : {})}
    />
  );
}
