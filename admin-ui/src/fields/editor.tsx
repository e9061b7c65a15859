import { Text } from "lucide-react";
import { Suspense } from "react";
import type { EditorField } from "@/api/types";
import { toText } from "@/lib/assert";
import { htmlToText } from "@/lib/html";
import { lazyPart } from "@/ui/lazy-part";
import { Skeleton } from "@/ui/skeleton";
import { SwitchRow } from "@/ui/switch";
import { emptyCell, OptionGrid, SizeOption } from "./parts";
import type { CellProps, InputProps, Kind, OptionsProps } from "./types";

const RichText = lazyPart(
  () => import("@/components/rich-text"),
  (m) => m.default,
);

export const editorKind: Kind<EditorField> = {
  label: "Rich text",
  icon: Text,
  hint: "Formatted text, stored as HTML",
  width: 260,
  defaults: { type: "editor", maxSize: 0, convertURLs: false },
};

export function EditorInput({ field, value, onChange, control }: InputProps<EditorField>) {
  return (
    <Suspense fallback={<Skeleton className="!h-[170px] w-full" />}>
      <RichText control={control} label={field.name} value={toText(value)} onChange={onChange} />
    </Suspense>
  );
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
