import { useQuery } from "@tanstack/react-query";
import { collectionsQuery } from "@/api/collections";
import type { Collection } from "@/api/types";
import { RuleInput } from "@/components/rule-input";
import { ruleWords } from "@/components/rule-words";
import type { DraftHandle } from "@/components/use-draft";

type RulesTabProps = { draft: DraftHandle<Collection>; errors: Record<string, string> };

/** Who may do what. Superusers always may. */
export function RulesTab({ draft, errors }: RulesTabProps) {
  const collection = draft.value;
  const isView = collection.type === "view";
  const words = ruleWords(collection, useQuery(collectionsQuery).data ?? []);
  const fixed = collection.system ? { readOnly: "The rules of a system collection are fixed." } : {};
  return (
    <div className="mx-auto w-full max-w-[760px] space-y-3 px-4 py-6">
      <p className="mb-4 text-ink-2">
        Rules decide what clients may do through the API. Superusers are never limited by them. An expression may use
        the record's fields and <code className="font-mono text-code text-ink">@request.auth</code>,{" "}
        <code className="font-mono text-code text-ink">@request.body</code>,{" "}
        <code className="font-mono text-code text-ink">@collection</code>.
      </p>
      <RuleInput
        words={words}
        title="List"
        help="Which records a list or search contains."
        rule={collection.listRule}
        error={errors["listRule"]}
        onChange={(listRule) => draft.set({ listRule })}
        {...fixed}
      />
      <RuleInput
        words={words}
        title="View"
        help="Which records can be opened by id."
        rule={collection.viewRule}
        error={errors["viewRule"]}
        onChange={(viewRule) => draft.set({ viewRule })}
        {...fixed}
      />
      {!isView && (
        <>
          <RuleInput
            words={words}
            title="Create"
            help="Which new records are accepted."
            rule={collection.createRule}
            error={errors["createRule"]}
            openWarning={
              collection.type === "auth"
                ? "Anyone on the internet can sign up."
                : "Anyone on the internet can create records."
            }
            onChange={(createRule) => draft.set({ createRule })}
            {...fixed}
          />
          <RuleInput
            words={words}
            title="Update"
            help="Which records can be changed."
            rule={collection.updateRule}
            error={errors["updateRule"]}
            openWarning="Anyone on the internet can change every record."
            onChange={(updateRule) => draft.set({ updateRule })}
            {...fixed}
          />
          <RuleInput
            words={words}
            title="Delete"
            help="Which records can be deleted."
            rule={collection.deleteRule}
            error={errors["deleteRule"]}
            openWarning="Anyone on the internet can delete every record."
            onChange={(deleteRule) => draft.set({ deleteRule })}
            {...fixed}
          />
        </>
      )}
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
          <RuleInput
            words={words}
            title="Manage"
            help="Who may also change e-mail, password and verified state of other records."
            withoutEveryone
            rule={collection.manageRule ?? null}
            error={errors["manageRule"]}
            onChange={(manageRule) => draft.set({ manageRule })}
          />
        </>
      )}
    </div>
  );
}
