import type { Collection, Field } from "@/api/types";
import { FieldOptions } from "@/fields/registry";
import { FieldBox } from "@/ui/field";
import { SwitchRow } from "@/ui/switch";
import { isUnique, isUniqueOn, newIndex } from "./model";

type FieldSettingsProps = {
  field: Field;
  collection: Collection;
  stored: boolean;
  errors: Record<string, string>;
  onChange: (field: Field) => void;
  onIndexes: (indexes: string[]) => void;
};

/** The options of its type, then what all fields have. */
export function FieldSettings({ field, collection, stored, errors, onChange, onIndexes }: FieldSettingsProps) {
  const unique = isUnique(collection, field);
  const primary = field.type === "text" && field.primaryKey;

  function setUnique(on: boolean) {
    if (on) {
      onIndexes([...collection.indexes, newIndex(collection, field.name, true)]);
      return;
    }
    onIndexes(collection.indexes.filter((sql) => !isUniqueOn(sql, field)));
  }
  return (
    <div className="space-y-4">
      <FieldOptions field={field} stored={stored} errors={errors} onChange={onChange} />
      <div className="grid grid-cols-1 gap-x-4 gap-y-1 sm:grid-cols-2">
        {field.type !== "autodate" && (
          <SwitchRow
            label={field.type === "bool" ? "Must be true" : "Required"}
            help={requiredHelp(field)}
            checked={field.required}
            disabled={primary}
            onChange={(required) => onChange({ ...field, required })}
          />
        )}
        {!primary && canBeUnique(field) && (
          <SwitchRow
            label="Unique"
            help="No two records share a value."
            checked={unique}
            disabled={field.system && unique}
            onChange={setUnique}
          />
        )}
        <SwitchRow
          label="Presentable"
          help="Names the record in lists and pickers."
          checked={field.presentable}
          onChange={(presentable) => onChange({ ...field, presentable })}
        />
        <SwitchRow
          label="Hidden"
          help="Only superusers see and set it."
          checked={field.hidden}
          disabled={primary || (field.system && field.hidden)}
          onChange={(hidden) => onChange({ ...field, hidden })}
        />
      </div>
      {field.type !== "autodate" && (
        <FieldBox label="Help" help="Shown under the input when a record is edited." error={errors["help"]}>
          {(control) => (
            <input
              {...control}
              className="control"
              maxLength={300}
              value={field.help}
              onChange={(event) => onChange({ ...field, help: event.target.value })}
            />
          )}
        </FieldBox>
      )}
    </div>
  );
}

function requiredHelp(field: Field): string {
  if (field.type === "number") return "Zero counts as empty.";
  if (field.type === "bool") return "Records can only be saved as true.";
  return "Records can't be saved without a value.";
}

function canBeUnique(field: Field): boolean {
  return (
    field.type === "text" ||
    field.type === "email" ||
    field.type === "url" ||
    field.type === "number" ||
    field.type === "date" ||
    (field.type === "relation" && field.maxSelect <= 1)
  );
}
