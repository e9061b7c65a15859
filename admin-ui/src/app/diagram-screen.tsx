import { useQueryClient } from "@tanstack/react-query";
import { collectionsQuery } from "@/api/collections";
import { toast } from "@/components/toasts";
import { DiagramPage } from "@/features/diagram/diagram-page";
import { changesOf } from "@/features/schema/model";
import { PlanDialog } from "@/features/schema/plan-dialog";
import { count } from "@/lib/words";
import { collectionPath } from "./paths";
import { useGo } from "./use-go";

/** What is changed in the diagram is reviewed and applied like any other change of the schema. */
export function DiagramScreen() {
  const client = useQueryClient();
  const go = useGo();
  return (
    <DiagramPage
      onOpen={(name) => go(`${collectionPath(name)}?tab=schema`)}
      review={(pending, done, close) => (
        <PlanDialog
          description={`Changes to ${count(pending.length, "collection")}`}
          wanted={{
            deleteFields: true,
            collections: pending.map(({ draft }) => ({ id: draft.id, name: draft.name, fields: draft.fields })),
          }}
          changes={pending.flatMap(({ base, draft }) =>
            changesOf(base, draft).map((change) => ({
              ...change,
              key: `${base.id} ${change.key}`,
              text: `${base.name}: ${change.text}`,
            })),
          )}
          onApplied={async () => {
            await client.invalidateQueries({ queryKey: ["collections"] });
            toast("Schema changed");
            done();
          }}
          onMoved={() => client.refetchQueries({ queryKey: collectionsQuery.queryKey, exact: true })}
          onClose={close}
        />
      )}
    />
  );
}
