import { useQueryClient } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Download, RotateCcw, Upload, X } from "lucide-react";
import { useEffect, useMemo, useState, type ClipboardEvent, type DragEvent } from "react";
import { toUiError } from "@/api/errors";
import { fileTokenQuery, fileUrl } from "@/api/files";
import type { RecordRow } from "@/api/types";
import { formatBytes } from "@/lib/bytes";
import { cx } from "@/lib/cx";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { FieldError, type ControlProps } from "@/ui/field";
import { FileGlyph, FileThumb } from "./file-thumb";
import { useRowFocus, type RowButton } from "./row-focus";
import { toast } from "./toasts";

type FilePickerProps = {
  control: ControlProps;
  label: string;
  record: RecordRow | null;
  isProtected: boolean;
  files: (string | File)[];
  removed: string[];
  multiple: boolean;
  accept: string[];
  limits: string[];
  check: (file: File) => string | null;
  onChange: (files: (string | File)[]) => void;
};

/** Stored and new files in one list: drop, paste or choose; nothing is sent or deleted before the record is saved. */
export function FilePicker(props: FilePickerProps) {
  const { control, label, record, isProtected, files, removed, multiple, accept, limits, check, onChange } = props;
  const [over, setOver] = useState(false);
  const [refused, setRefused] = useState<string[]>([]);
  const { root, press } = useRowFocus<HTMLUListElement>(files);

  function add(list: FileList | null) {
    const incoming = [...(list ?? [])];
    const problems = incoming.map(check);
    setRefused(problems.filter((problem) => problem !== null));
    const good = incoming.filter((_, index) => problems[index] === null);
    if (good.length > 0) onChange(multiple ? [...files, ...good] : good);
  }
  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    add(event.dataTransfer.files);
  }
  function paste(event: ClipboardEvent) {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    add(event.clipboardData.files);
  }
  function move(index: number, by: number, button: RowButton) {
    const next = [...files];
    const [item] = next.splice(index, 1);
    if (item === undefined) return;
    next.splice(index + by, 0, item);
    press(rowOf(item), button);
    onChange(next);
  }
  return (
    <div
      className="space-y-1.5"
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      onPaste={paste}
    >
      {(files.length > 0 || removed.length > 0) && (
        <ul ref={root} aria-label={`Files of ${label}`} className="space-y-1">
          {files.map((file, index) => (
            <FileRow
              key={rowOf(file)}
              row={rowOf(file)}
              file={file}
              record={record}
              isProtected={isProtected}
              {...(index > 0 ? { onUp: () => move(index, -1, "up") } : {})}
              {...(index < files.length - 1 ? { onDown: () => move(index, 1, "down") } : {})}
              onRemove={() => {
                const beside = files[index + 1] ?? files[index - 1] ?? file;
                press(rowOf(beside), "remove");
                onChange(files.filter((other) => other !== file));
              }}
            />
          ))}
          {removed.map((name) => (
            <RemovedRow
              key={name}
              name={name}
              onUndo={() => {
                press(name, "remove");
                onChange(multiple ? [...files, name] : [name]);
              }}
            />
          ))}
        </ul>
      )}
      <label
        className={cx(
          "control relative flex cursor-pointer flex-wrap items-center gap-x-2 border-dashed !py-2 text-ink-2",
          over && "!border-accent bg-accent-soft",
        )}
      >
        <Upload size={14} aria-hidden className="text-ink-3" />
        <span>
          <span className="font-medium text-accent-text">Choose {multiple ? "files" : "a file"}</span> or drop{" "}
          {multiple ? "them" : "it"} here
        </span>
        <span className="ms-auto text-sm text-ink-3">{limits.filter(Boolean).join(" · ")}</span>
        <input
          {...control}
          aria-label={label}
          type="file"
          className="sr-only"
          multiple={multiple}
          accept={accept.join(",")}
          onChange={(event) => {
            add(event.target.files);
            event.target.value = "";
          }}
        />
      </label>
      {refused.map((problem) => (
        <FieldError key={problem} message={problem} />
      ))}
    </div>
  );
}

function rowOf(file: string | File): string {
  return typeof file === "string" ? file : `${file.name} ${file.lastModified} ${file.size}`;
}

type FileRowProps = {
  row: string;
  file: string | File;
  record: RecordRow | null;
  isProtected: boolean;
  onUp?: () => void;
  onDown?: () => void;
  onRemove: () => void;
};

function FileRow({ row, file, record, isProtected, onUp, onDown, onRemove }: FileRowProps) {
  const name = typeof file === "string" ? file : file.name;
  const client = useQueryClient();

  /** The address carries a token, so it is made at the moment of opening and never put on the page. */
  async function open() {
    const tab = window.open("", "_blank");
    try {
      const token = isProtected ? await client.fetchQuery(fileTokenQuery) : undefined;
      if (tab && record) {
        tab.opener = null;
        tab.location.href = fileUrl(record, name, token ? { token } : {});
      }
    } catch (error) {
      tab?.close();
      toast(`Couldn't open ${name}: ${toUiError(error).title}`, "danger");
    }
  }
  return (
    <li
      data-row={row}
      className="flex min-h-11 items-center gap-2 rounded-sm border border-line bg-canvas py-1 ps-1.5 pe-1"
    >
      {typeof file === "string" && record ? (
        <FileThumb record={record} name={file} isProtected={isProtected} large />
      ) : (
        <LocalThumb file={file} />
      )}
      <span className="min-w-0 flex-1">
        <span className="block truncate">{name}</span>
        {file instanceof File && <span className="tnum block text-sm text-ink-3">{formatBytes(file.size)}</span>}
      </span>
      {file instanceof File && <Badge tone="accent">New</Badge>}
      {isProtected && typeof file === "string" && <Badge>Protected</Badge>}
      {onUp && (
        <IconButton data-button="up" label={`Move ${name} up`} small onClick={onUp}>
          <ArrowUp size={14} />
        </IconButton>
      )}
      {onDown && (
        <IconButton data-button="down" label={`Move ${name} down`} small onClick={onDown}>
          <ArrowDown size={14} />
        </IconButton>
      )}
      {typeof file === "string" && (
        <IconButton label={`Open ${name}`} small onClick={() => void open()}>
          <Download size={14} />
        </IconButton>
      )}
      <IconButton data-button="remove" label={`Remove ${name}`} small onClick={onRemove}>
        <X size={14} />
      </IconButton>
    </li>
  );
}

function RemovedRow({ name, onUndo }: { name: string; onUndo: () => void }) {
  return (
    <li
      data-row={name}
      className="flex min-h-9 items-center gap-2 rounded-sm border border-dashed border-line-strong ps-2.5 pe-1 text-ink-3"
    >
      <span className="min-w-0 flex-1 truncate">
        <s>{name}</s> <span className="text-sm">is deleted when you save</span>
      </span>
      <IconButton label={`Undo removing ${name}`} small onClick={onUndo}>
        <RotateCcw size={14} />
      </IconButton>
    </li>
  );
}

function LocalThumb({ file }: { file: string | File }) {
  const url = useMemo(
    () => (file instanceof File && file.type.startsWith("image/") ? URL.createObjectURL(file) : null),
    [file],
  );
  // The browser holds the bytes of an object URL until it is told to let go.
  useEffect(() => {
    if (url === null) return;
    return () => URL.revokeObjectURL(url);
  }, [url]);
  const [broken, setBroken] = useState(false);
  const name = typeof file === "string" ? file : file.name;
  if (url === null || broken) return <FileGlyph name={name} className="size-9" />;
  return (
    <img
      src={url}
      alt=""
      onError={() => setBroken(true)}
      className="size-9 shrink-0 rounded-sm border border-line bg-sunken object-cover"
    />
  );
}
