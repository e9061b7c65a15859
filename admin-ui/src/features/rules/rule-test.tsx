import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { BookmarkPlus, Play } from "lucide-react";
import { useState, type KeyboardEvent } from "react";
import { collectionsQuery } from "@/api/collections";
import { inFull } from "@/api/errors";
import { explainRule, ruleTestsQuery, saveRuleTest, type Explained, type RuleAction } from "@/api/rules";
import type { Rule } from "@/api/types";
import { RecordRow } from "@/components/record-row";
import { toast } from "@/components/toasts";
import { Button } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";
import { Decision } from "./decision";
import { bodyOf, isSubmitting, type Asked } from "./model";
import { SaveTest } from "./save-test";

export type ActionChoice = { action: RuleAction; title: string };

type RuleTestProps = {
  collection: string;
  action: RuleAction;
  title: string;
  rule: Rule;
  /** A question that came from elsewhere; it can be turned to another action, whose rule then answers. */
  asked: Asked | null;
  actions: ActionChoice[];
  onTurn: (asked: Asked) => void;
};

/** Asks the rule as it stands, saved or not: who, on which record, sending what. */
export function RuleTestBox({ collection, action, title, rule, asked, actions, onTurn }: RuleTestProps) {
  const client = useQueryClient();
  const all = useQuery(collectionsQuery).data ?? [];
  const people = all.filter((known) => known.type === "auth" && !known.system);
  const target = all.find((known) => known.id === collection);
  const from = typeof asked?.as === "object" ? asked.as : null;
  const [account, setAccount] = useState(from?.collection ?? "guest");
  const [person, setPerson] = useState(from?.id ?? "");
  const [record, setRecord] = useState(asked?.record ?? "");
  const [body, setBody] = useState(asked?.body ?? "");
  const [naming, setNaming] = useState(false);
  const run = useMutation({ mutationFn: explainRule });
  const accounts = people.find((known) => known.name === account);
  const sent = bodyOf(body);
  const submits = isSubmitting(action);
  const question = {
    collection,
    action,
    as: accounts ? { collection: accounts.name, id: person } : ("guest" as const),
    ...(record === "" || action === "create" ? {} : { record }),
    ...(submits && sent.ok ? { body: sent.body } : {}),
  };
  const missing = !sent.ok && submits ? "The body is not a JSON object" : accounts && person === "" ? "Say who" : null;
  const ask = () => run.mutate({ ...question, rule });
  function onKey(event: KeyboardEvent) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    if (missing === null) ask();
  }
  async function keep(name: string, answer: Explained) {
    await saveRuleTest({ ...question, name, expect: { allowed: answer.allowed, wireStatus: answer.wireStatus } });
    await client.invalidateQueries({ queryKey: ruleTestsQuery.queryKey });
    setNaming(false);
    toast(`Test ${name} saved`);
  }
  return (
    <section
      aria-label={`Test ${title.toLowerCase()} rule`}
      className="space-y-3 rounded-md bg-canvas p-3"
      onKeyDown={onKey}
      // Whoever came with a question is shown where it is asked.
      ref={(node) => {
        if (asked) node?.scrollIntoView({ block: "nearest" });
      }}
    >
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        {asked && (
          <FieldBox label="Action">
            {(control) => (
              <select
                {...control}
                className="control"
                autoFocus={asked.turned}
                value={action}
                onChange={(event) => {
                  const next = actions.find((known) => known.action === event.target.value);
                  if (next) onTurn({ action: next.action, as: question.as, record, body, turned: true });
                }}
              >
                {actions.map((known) => (
                  <option key={known.action} value={known.action}>
                    {known.title}
                  </option>
                ))}
              </select>
            )}
          </FieldBox>
        )}
        <FieldBox label="Act as">
          {(control) => (
            <select
              {...control}
              className="control"
              value={account}
              onChange={(event) => {
                setAccount(event.target.value);
                setPerson("");
              }}
            >
              <option value="guest">Guest</option>
              {people.map((known) => (
                <option key={known.id} value={known.name}>
                  Somebody of {known.name}
                </option>
              ))}
            </select>
          )}
        </FieldBox>
        {accounts && <RecordRow label="Who" collectionId={accounts.id} value={person} onChange={setPerson} />}
        {target && action !== "create" && (
          <RecordRow label="Record" collectionId={target.id} value={record} onChange={setRecord} />
        )}
      </div>
      {submits && (
        <FieldBox
          label="Request body"
          help="What the request sends, as JSON."
          error={sent.ok ? undefined : "This is not a JSON object."}
        >
          {(control) => (
            <textarea
              {...control}
              rows={1}
              spellCheck={false}
              placeholder="{}"
              className="control font-mono text-code"
              value={body}
              onChange={(event) => setBody(event.target.value)}
            />
          )}
        </FieldBox>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button tone="primary" busy={run.isPending} blocked={missing} onClick={ask}>
          <Play size={14} aria-hidden /> Run test
        </Button>
        {run.data && (
          <Button onClick={() => setNaming(true)}>
            <BookmarkPlus size={14} aria-hidden /> Save as test
          </Button>
        )}
      </div>
      {run.isError && (
        <Notice tone="danger" role="alert">
          {inFull(run.error)}
        </Notice>
      )}
      {run.data && <Decision action={action} answer={run.data} />}
      {naming && run.data && (
        <SaveTest
          start={`${account === "guest" ? "A guest" : "Somebody"} ${run.data.allowed ? "may" : "may not"} ${action}`}
          onClose={() => setNaming(false)}
          onSave={(name) => (run.data ? keep(name, run.data) : Promise.resolve())}
        />
      )}
    </section>
  );
}
