import { Suspense } from "react";
import type { Field, FieldType } from "@/api/types";
import { assertNever } from "@/lib/assert";
import { cx } from "@/lib/cx";
import { Skeleton } from "@/ui/skeleton";
import { AutodateCell, AutodateInput, autodateKind, AutodateOptions } from "./autodate";
import { BoolCell, BoolInput, boolKind } from "./bool";
import { DateCell, DateFieldInput, dateKind, DateOptions } from "./date";
import { EditorCell, EditorInput, editorKind, EditorOptions } from "./editor";
import { DomainOptions, emailCell, EmailInput, emailKind } from "./email";
import { FileCell, FileInput, fileKind, FileOptions } from "./file";
import { GeoPointCell, GeoPointInput, geoPointKind } from "./geo-point";
import { JsonCell, JsonInput, jsonKind, JsonOptions } from "./json";
import { numberCell, NumberFieldInput, numberKind, NumberOptions } from "./number";
import { emptyCell } from "./parts";
import { PasswordCell, PasswordInput, passwordKind, PasswordOptions } from "./password";
import { RelationCell, RelationInput, relationKind, RelationOptions } from "./relation";
import { SelectCell, SelectInput, selectKind, SelectOptions } from "./select";
import { textCell, TextInput, textKind, TextOptions } from "./text";
import type { CellProps, InputProps, OptionsProps, TextCell } from "./types";
import { UrlCell, UrlInput, urlKind } from "./url";

/** Adding a field type is one file, one member here and one case in each switch below; the compiler asks for all of them. */
export const kinds = {
  text: textKind,
  number: numberKind,
  bool: boolKind,
  email: emailKind,
  url: urlKind,
  editor: editorKind,
  date: dateKind,
  autodate: autodateKind,
  select: selectKind,
  file: fileKind,
  relation: relationKind,
  json: jsonKind,
  geoPoint: geoPointKind,
  password: passwordKind,
} as const satisfies Record<FieldType, unknown>;

export const fieldTypes: FieldType[] = [
  "text",
  "editor",
  "number",
  "bool",
  "email",
  "url",
  "date",
  "autodate",
  "select",
  "file",
  "relation",
  "json",
  "geoPoint",
  "password",
];

export function newField(type: FieldType, name: string, id: string): Field {
  const common = { id, name, system: false, hidden: false, presentable: false, help: "", required: false };
  return { ...common, ...kinds[type].defaults };
}

/** The value of a field in a record that does not exist yet. */
export function emptyValue(field: Field): unknown {
  switch (field.type) {
    case "number":
      return 0;
    case "bool":
      return false;
    case "select":
    case "relation":
      return field.maxSelect > 1 ? [] : "";
    case "file":
      return [];
    case "json":
      return null;
    case "geoPoint":
      return { lon: 0, lat: 0 };
    default:
      return "";
  }
}

/** An input whose code is still on its way has the height it will need. */
export function FieldInput(props: InputProps<Field>) {
  return (
    <Suspense fallback={<Skeleton className="!h-8 w-full" />}>
      <InputOf {...props} />
    </Suspense>
  );
}

function InputOf({ field, ...rest }: InputProps<Field>) {
  switch (field.type) {
    case "text":
      return <TextInput field={field} {...rest} />;
    case "number":
      return <NumberFieldInput field={field} {...rest} />;
    case "bool":
      return <BoolInput field={field} {...rest} />;
    case "email":
      return <EmailInput field={field} {...rest} />;
    case "url":
      return <UrlInput field={field} {...rest} />;
    case "editor":
      return <EditorInput field={field} {...rest} />;
    case "date":
      return <DateFieldInput field={field} {...rest} />;
    case "autodate":
      return <AutodateInput field={field} {...rest} />;
    case "select":
      return <SelectInput field={field} {...rest} />;
    case "file":
      return <FileInput field={field} {...rest} />;
    case "relation":
      return <RelationInput field={field} {...rest} />;
    case "json":
      return <JsonInput field={field} {...rest} />;
    case "geoPoint":
      return <GeoPointInput field={field} {...rest} />;
    case "password":
      return <PasswordInput field={field} {...rest} />;
    default:
      return assertNever(field);
  }
}

/** Where a cell is nothing but text: a table writes it into the cell itself, without an element or component inside. */
export function cellText(field: Field): TextCell | null {
  switch (field.type) {
    case "text":
      return textCell(field);
    case "number":
      return numberCell;
    case "email":
      return emailCell;
    default:
      return null;
  }
}

function Written({ field, value }: { field: Field; value: unknown }) {
  const plain = cellText(field);
  const text = plain?.text(value) ?? "";
  if (text === "") return emptyCell;
  return (
    <span dir="auto" className={cx("truncate", field.type === "number" && "ms-auto", plain?.look)}>
      {text}
    </span>
  );
}

export function FieldCell(props: CellProps<Field>) {
  return fieldCell(props);
}

/** For tables, which have hundreds of them: no component of its own between the cell and its type. */
export function fieldCell({ field, ...rest }: CellProps<Field>) {
  switch (field.type) {
    case "text":
    case "number":
    case "email":
      return <Written field={field} {...rest} />;
    case "bool":
      return <BoolCell field={field} {...rest} />;
    case "url":
      return <UrlCell field={field} {...rest} />;
    case "editor":
      return <EditorCell field={field} {...rest} />;
    case "date":
      return <DateCell field={field} {...rest} />;
    case "autodate":
      return <AutodateCell field={field} {...rest} />;
    case "select":
      return <SelectCell field={field} {...rest} />;
    case "file":
      return <FileCell field={field} {...rest} />;
    case "relation":
      return <RelationCell field={field} {...rest} />;
    case "json":
      return <JsonCell field={field} {...rest} />;
    case "geoPoint":
      return <GeoPointCell field={field} {...rest} />;
    case "password":
      return <PasswordCell field={field} {...rest} />;
    default:
      return assertNever(field);
  }
}

/** Options of its type only; name, help and flags are the same for all and stand elsewhere. */
type FieldOptionsProps = Omit<OptionsProps<Field>, "onChange"> & { onChange: (field: Field) => void };

export function FieldOptions(props: FieldOptionsProps) {
  return (
    <Suspense fallback={<Skeleton className="!h-24 w-full" />}>
      <OptionsOf {...props} />
    </Suspense>
  );
}

function OptionsOf({ field, onChange, ...rest }: FieldOptionsProps) {
  switch (field.type) {
    case "text":
      return <TextOptions field={field} onChange={(change) => onChange({ ...field, ...change })} {...rest} />;
    case "number":
      return <NumberOptions field={field} onChange={(change) => onChange({ ...field, ...change })} {...rest} />;
    case "email":
      return (
        <DomainOptions field={field} errors={rest.errors} onChange={(change) => onChange({ ...field, ...change })} />
      );
    case "url":
      return (
        <DomainOptions field={field} errors={rest.errors} onChange={(change) => onChange({ ...field, ...change })} />
      );
    case "editor":
      return <EditorOptions field={field} onChange={(change) => onChange({ ...field, ...change })} {...rest} />;
    case "date":
      return <DateOptions field={field} onChange={(change) => onChange({ ...field, ...change })} {...rest} />;
    case "autodate":
      return <AutodateOptions field={field} onChange={(change) => onChange({ ...field, ...change })} {...rest} />;
    case "select":
      return <SelectOptions field={field} onChange={(change) => onChange({ ...field, ...change })} {...rest} />;
    case "file":
      return <FileOptions field={field} onChange={(change) => onChange({ ...field, ...change })} {...rest} />;
    case "relation":
      return <RelationOptions field={field} onChange={(change) => onChange({ ...field, ...change })} {...rest} />;
    case "json":
      return <JsonOptions field={field} onChange={(change) => onChange({ ...field, ...change })} {...rest} />;
    case "password":
      return <PasswordOptions field={field} onChange={(change) => onChange({ ...field, ...change })} {...rest} />;
    case "bool":
    case "geoPoint":
      return null;
    default:
      return assertNever(field);
  }
}
