import { useQuery } from "@tanstack/react-query";
import { Text } from "lucide-react";
import { Suspense } from "react";
import { collectionsQuery } from "@/api/collections";
import { fileUrl, isImageName } from "@/api/files";
import type { EditorField, RecordRow } from "@/api/types";
import { toList, toText } from "@/lib/assert";
import { htmlToText } from "@/lib/html";
import { lazyPart } from "@/ui/lazy-part";
import { Skeleton } from "@/ui/skeleton";
import { SwitchRow } from "@/ui/switch";
import { emptyCell, OptionGrid, SizeOption } from "./parts";
import type { CellProps, InputProps, Kind, OptionsProps } from "./types";

const RichText = lazyPart(
  () => import("@/components/rich/rich-text"),
  (m) => m.default,
);

export const editorKind: Kind<EditorField> = {
  label: "Rich text",
  icon: Text,
  hint: "Formatted text, stored as HTML",
  width: 260,
  defaults: { type: "editor", maxSize: 0, convertURLs: false },
};

export function EditorInput({ field, value, onChange, control, record }: InputProps<EditorField>) {
  const pictures = useOwnPictures(record, field.convertURLs);
  return (
    <Suspense fallback={<Skeleton className="!h-[170px] w-full" />}>
      <RichText control={control} label={field.name} value={toText(value)} onChange={onChange} pictures={pictures} />
    </Suspense>
  );
}

/** Pictures that everybody may load who knows their address; that of a protected one would not do for long. */
function useOwnPictures(record: RecordRow | null, relative: boolean) {
  const collections = useQuery(collectionsQuery).data ?? [];
  const fields = collections.find((collection) => collection.id === record?.collectionId)?.fields ?? [];
  if (record === null) return [];
  return fields
    .filter((field) => field.type === "file" && !field.protected)
    .flatMap((field) => toList(record[field.name]))
    .filter(isImageName)
    .map((name) => {
      const src = fileUrl(record, name);
      return {
        name,
        src: relative ? src.slice(window.location.origin.length) : src,
        thumb: fileUrl(record, name, { thumb: "100x100" }),
      };
    });
}

export function EditorCell({ value }: CellProps<EditorField>) {
  const text = htmlToText(toText(value).slice(0, 2000));
  return text === "" ? (
    emptyCell
  ) : (
    <span dir="auto" className="truncate">
      {text.slice(0, 300)}
    </span>
  );
}

export function EditorOptions({ field, onChange, errors }: OptionsProps<EditorField>) {
  return (
    <OptionGrid>
      <SizeOption
        label="Largest size"
        fallback="5 (default)"
        value={field.maxSize}
        onChange={(maxSize) => onChange({ maxSize })}
        error={errors["maxSize"]}
      />
      <SwitchRow
        label="Strip the site's own address"
        help="A hint for editors to store links relative to the site."
        checked={field.convertURLs}
        onChange={(convertURLs) => onChange({ convertURLs })}
      />
    </OptionGrid>
  );
}
