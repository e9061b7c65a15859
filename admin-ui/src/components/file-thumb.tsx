import { useQuery } from "@tanstack/react-query";
import { File as FileIcon, FileArchive, FileText, Film, Music } from "lucide-react";
import { useState } from "react";
import { fileTokenQuery, fileUrl, isImageName } from "@/api/files";
import type { RecordRow } from "@/api/types";
import { cx } from "@/lib/cx";

type FileThumbProps = { record: RecordRow; name: string; isProtected: boolean; large?: boolean };

/** A small picture of a stored file, or an icon for what is not a picture. */
export function FileThumb({ record, name, isProtected, large }: FileThumbProps) {
  const token = useQuery({ ...fileTokenQuery, enabled: isProtected && isImageName(name) });
  const [broken, setBroken] = useState(false);
  const size = large ? "size-9" : "size-6";
  if (broken || !isImageName(name) || (isProtected && !token.data))
    return <FileGlyph name={name} className={size} named={!large} />;
  const src = fileUrl(record, name, { thumb: "100x100", ...(token.data ? { token: token.data } : {}) });
  return (
    <img
      src={src}
      alt={large ? "" : name}
      title={name}
      loading="lazy"
      onError={() => setBroken(true)}
      className={cx("shrink-0 rounded-sm border border-line bg-sunken object-cover", size)}
    />
  );
}

const glyphs = [
  { icon: FileText, endings: /\.(txt|md|pdf|docx?|odt|csv|json|xml|html?)$/i },
  { icon: FileArchive, endings: /\.(zip|gz|tar|7z|rar|xz)$/i },
  { icon: Film, endings: /\.(mp4|mov|webm|mkv|avi)$/i },
  { icon: Music, endings: /\.(mp3|ogg|wav|flac|m4a)$/i },
];

/** `named` when nothing beside it says which file it is. */
export function FileGlyph({ name, className, named }: { name: string; className?: string; named?: boolean }) {
  const Icon = glyphs.find((glyph) => glyph.endings.test(name))?.icon ?? FileIcon;
  return (
    <span
      title={name}
      className={cx(
        "flex shrink-0 items-center justify-center rounded-sm border border-line bg-sunken text-ink-3",
        className,
      )}
    >
      <Icon size={14} aria-hidden />
      {named && <span className="sr-only">{name}</span>}
    </span>
  );
}
