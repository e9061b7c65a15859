import type { Collection } from "@/api/types";
import type { DraftHandle } from "@/components/use-draft";
import { FieldBox } from "@/ui/field";
import { FieldList } from "./field-list";
import { IndexList } from "./index-list";
import { nameProblem } from "./model";
import { ViewQuery } from "./view-query";

type SchemaTabProps = {
  draft: DraftHandle<Collection>;
  errors: Record<string, string>;
  /** Names of all other collections. */
  taken: string[];
  isNew: boolean;
};

/** Name, then fields and indexes, or the query of a view. */
export function SchemaTab({ draft, errors, taken, isNew }: SchemaTabProps) {
  const collection = draft.value;
  const problem = nameProblem(collection.name, taken);
  return (
    <div className="mx-auto w-full max-w-[760px] space-y-8 px-4 py-6">
      <FieldBox
        label="Name"
        required
        error={problem ?? errors["name"]}
        help={
          collection.system
            ? "The name of a system collection is fixed."
            : isNew
              ? undefined
              : "Clients use the name in addresses; renaming changes them."
        }
      >
        {(control) => (
          <input
            {...control}
            className="control !text-md max-w-sm"
            autoComplete="off"
            spellCheck={false}
            autoFocus={isNew}
            readOnly={collection.system}
            placeholder="articles"
            value={collection.name}
            onChange={(event) => draft.set({ name: event.target.value })}
          />
        )}
      </FieldBox>
      {collection.type === "view" ? (
        <ViewQuery
          query={collection.viewQuery ?? ""}
          error={errors["viewQuery"]}
          onChange={(viewQuery) => draft.set({ viewQuery })}
        />
      ) : (
        <>
          <FieldList draft={draft} errors={errors} isNew={isNew} />
          <IndexList collection={collection} errors={errors} onChange={(indexes) => draft.set({ indexes })} />
        </>
      )}
    </div>
  );
}
