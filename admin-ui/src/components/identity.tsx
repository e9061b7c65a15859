import { useQuery } from "@tanstack/react-query";
import { collectionsQuery } from "@/api/collections";
import type { Identity } from "@/api/playground";
import { RecordRow } from "./record-row";
import { FieldBox } from "@/ui/field";

type IdentityPickerProps = { identity: Identity; onChange: (identity: Identity) => void };

/** Who asks. A record's token is made for five minutes and forgotten with the page. */
export function IdentityPicker({ identity, onChange }: IdentityPickerProps) {
  const people = (useQuery(collectionsQuery).data ?? []).filter((known) => known.type === "auth" && !known.system);
  const value = identity.kind === "record" ? identity.collection : identity.kind;
  const target = people.find((known) => identity.kind === "record" && known.name === identity.collection);
  return (
    <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
      <FieldBox label="Identity">
        {(control) => (
          <select
            {...control}
            className="control"
            value={value}
            onChange={(event) => {
              const next = event.target.value;
              if (next === "superuser" || next === "guest") onChange({ kind: next });
              else onChange({ kind: "record", collection: next, id: "" });
            }}
          >
            <option value="superuser">Superuser (you)</option>
            <option value="guest">Guest</option>
            {people.map((known) => (
              <option key={known.id} value={known.name}>
                A record of {known.name}
              </option>
            ))}
          </select>
        )}
      </FieldBox>
      {identity.kind === "record" && target && (
        <RecordRow
          label="Who"
          collectionId={target.id}
          value={identity.id}
          onChange={(id) => onChange({ ...identity, id })}
        />
      )}
    </div>
  );
}
