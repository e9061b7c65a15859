import { ExternalLink, Link } from "lucide-react";
import type { UrlField } from "@/api/types";
import { toText } from "@/lib/assert";
import { safeHref } from "@/lib/html";
import { emptyCell } from "./parts";
import type { CellProps, InputProps, Kind } from "./types";

export const urlKind: Kind<UrlField> = {
  label: "URL",
  icon: Link,
  hint: "A web address",
  width: 220,
  defaults: { type: "url", exceptDomains: [], onlyDomains: [] },
};

export function UrlInput({ value, onChange, control }: InputProps<UrlField>) {
  const text = toText(value);
  const href = safeHref(text);
  return (
    <div className="relative">
      <input
        {...control}
        type="url"
        autoComplete="off"
        spellCheck={false}
        className="control pe-9"
        placeholder="https://"
        value={text}
        onChange={(event) => onChange(event.target.value)}
      />
      {href && (
        <a
          href={href}
          target="_blank"
          rel="noopener noreferrer"
          aria-label={`Open ${text} in a new tab`}
          className="absolute end-1 top-1/2 flex size-6 -translate-y-1/2 items-center justify-center rounded-sm text-ink-2 hover:bg-hover"
        >
          <ExternalLink size={14} />
        </a>
      )}
    </div>
  );
}

export function UrlCell({ value }: CellProps<UrlField>) {
  const text = toText(value);
  return text === "" ? emptyCell : <span className="truncate">{text.replace(/^https?:\/\//, "")}</span>;
}
