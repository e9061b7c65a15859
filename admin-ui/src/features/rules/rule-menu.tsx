import { useQuery } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { collectionsQuery } from "@/api/collections";
import type { Collection } from "@/api/types";
import type { DraftHandle } from "@/components/use-draft";
import { IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";
import { labActions, ruleOf, type RuleKey } from "./model";
import type { ActionChoice } from "./rule-test";
import { snippetsOf, withSnippet } from "./snippets";

type RuleMenuProps = { draft: DraftHandle<Collection>; ruleKey: RuleKey; actions: ActionChoice[] };

/** Conditions that are wanted again and again, and the way to other actions. */
export function RuleMenu({ draft, ruleKey, actions }: RuleMenuProps) {
  const all = useQuery(collectionsQuery).data ?? [];
  const collection = draft.value;
  const rule = ruleOf(collection, ruleKey);
  const own = labActions.find((known) => known.key === ruleKey)?.action ?? "list";
  const title = actions.find((known) => known.action === own)?.title ?? own;
  const others = labActions.flatMap(({ key, action }) => {
    const other = actions.find((known) => known.action === action);
    // Managing is never for everyone.
    return other && key !== ruleKey && !(key === "manageRule" && rule === "") ? [{ key, title: other.title }] : [];
  });
  return (
    <Menu
      trigger={
        <IconButton label={`More for the ${title.toLowerCase()} rule`} small>
          <Ellipsis size={16} />
        </IconButton>
      }
      items={() => [
        { kind: "heading", label: "Add a condition" },
        ...snippetsOf(collection, all).map((snippet) => ({
          label: snippet.label,
          run: () => draft.set({ [ruleKey]: withSnippet(rule, snippet.rule) }),
        })),
        { kind: "separator", label: "others" },
        { kind: "heading", label: "Apply this rule to" },
        ...others.map((other) => ({
          label: other.title,
          blocked: ruleOf(collection, other.key) === rule ? "It is the same already" : undefined,
          run: () => draft.set({ [other.key]: rule }),
        })),
      ]}
    />
  );
}
