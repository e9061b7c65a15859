import { Paperclip } from "lucide-react";
import type { FileField } from "@/api/types";
import { FileThumb } from "@/components/file-thumb";
import { toList } from "@/lib/assert";
import { formatBytes } from "@/lib/bytes";
import { SwitchRow } from "@/ui/switch";
import { FilePicker } from "./lazy";
import { ChipsOption, emptyCell, MaxSelectOption, OptionGrid, SizeOption } from "./parts";
import type { CellProps, InputProps, Kind, OptionsProps } from "./types";

export const fileKind: Kind<FileField> = {
  label: "File",
  icon: Paperclip,
  hint: "Uploaded files, images with thumbnails",
  width: 130,
  defaults: { type: "file", maxSize: 0, maxSelect: 1, mimeTypes: [], thumbs: [], protected: false },
};

const defaultSize = 5 * 1024 * 1024;

/** In a draft a file field is always a list: stored names and files that are still to be sent. */
export function draftFiles(value: unknown): (string | File)[] {
  const items: unknown[] = Array.isArray(value) ? value : [value];
  return items.filter(
    (item): item is string | File => item instanceof File || (typeof item === "string" && item !== ""),
  );
}

export function FileInput({ field, value, onChange, control, record }: InputProps<FileField>) {
  const files = draftFiles(value);
  const stored = toList(record?.[field.name]);
  const multiple = field.maxSelect > 1;
  const limit = field.maxSize || defaultSize;
  return (
    <FilePicker
      control={control}
      label={field.name}
      record={record}
      isProtected={field.protected}
      files={files}
      removed={stored.filter((name) => !files.includes(name))}
      multiple={multiple}
      accept={field.mimeTypes}
      limits={[
        field.mimeTypes.join(", "),
        `up to ${formatBytes(limit)}`,
        multiple ? `at most ${field.maxSelect} files` : "",
      ]}
      check={(file) => {
        if (field.mimeTypes.length > 0 && !field.mimeTypes.includes(file.type)) {
          return `${file.name} is ${file.type || "of an unknown type"}; ${field.mimeTypes.join(", ")} only`;
        }
        return file.size > limit ? `${file.name} is ${formatBytes(file.size)}; at most ${formatBytes(limit)}` : null;
      }}
      onChange={(next) => onChange(multiple ? next.slice(0, field.maxSelect) : next.slice(-1))}
    />
  );
}

export function FileCell({ field, value, record }: CellProps<FileField>) {
  const names = toList(value);
  if (names.length === 0) return emptyCell;
  return (
    <span className="flex items-center gap-1">
      {names.slice(0, 3).map((name) => (
        <FileThumb key={`${record.id} ${name}`} record={record} name={name} isProtected={field.protected} />
      ))}
      {names.length > 3 && <span className="text-ink-3">+{names.length - 3}</span>}
    </span>
  );
}

export function FileOptions({ field, onChange, errors }: OptionsProps<FileField>) {
  return (
    <OptionGrid>
      <MaxSelectOption
        noun="file"
        value={field.maxSelect}
        onChange={(maxSelect) => onChange({ maxSelect })}
        error={errors["maxSelect"]}
      />
      <SizeOption
        label="Largest file"
        fallback="5 (default)"
        value={field.maxSize}
        onChange={(maxSize) => onChange({ maxSize })}
        error={errors["maxSize"]}
      />
      <ChipsOption
        label="Only these types"
        help="MIME types; empty means any."
        placeholder="image/png, image/jpeg"
        values={field.mimeTypes}
        onChange={(mimeTypes) => onChange({ mimeTypes })}
        error={errors["mimeTypes"]}
      />
      <ChipsOption
        label="Thumbnails"
        help="WxH crops to the centre, WxHt to the top, WxHb to the bottom, WxHf fits; 0 keeps the ratio."
        placeholder="100x100, 0x300"
        values={field.thumbs}
        onChange={(thumbs) => onChange({ thumbs })}
        error={errors["thumbs"]}
      />
      <SwitchRow
        label="Protected"
        help="Opening a file needs a short-lived token and the view rule."
        checked={field.protected}
        onChange={(isProtected) => onChange({ protected: isProtected })}
      />
    </OptionGrid>
  );
}
