import { useQuery } from "@tanstack/react-query";
import { Download, ExternalLink } from "lucide-react";
import { collectionsQuery } from "@/api/collections";
import { fileTokenQuery, fileUrl, isImageName } from "@/api/files";
import { recordTitle } from "@/api/presentable";
import { recordsByIdQuery } from "@/api/records";
import type { Collection, FileField, RecordRow, RelationField } from "@/api/types";
import { FileGlyph } from "@/components/file-thumb";
import { ErrorPanel } from "@/components/panels";
import { FieldCell } from "@/fields/registry";
import { toList } from "@/lib/assert";
import { buttonClass } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Skeleton } from "@/ui/skeleton";
import { listedFields } from "./model";

type PeekProps = { field: RelationField | FileField; row: RecordRow; onClose: () => void };

/** A look at what a cell points to, without leaving the table. */
export default function Peek({ field, row, onClose }: PeekProps) {
  return (
    <Modal title={field.name} onClose={onClose} width={field.type === "file" ? "lg" : "md"}>
      {field.type === "file" ? <Files field={field} row={row} /> : <Related field={field} row={row} />}
    </Modal>
  );
}

function Related({ field, row }: { field: RelationField; row: RecordRow }) {
  const ids = toList(row[field.name]);
  const target = useQuery(collectionsQuery).data?.find((known) => known.id === field.collectionId);
  const query = useQuery({
    ...recordsByIdQuery(target?.name ?? "", ids),
    enabled: target !== undefined && ids.length > 0,
  });
  if (ids.length === 0) return <p className="pb-4 text-ink-2">It points to nothing.</p>;
  if (query.isError)
    return <ErrorPanel what="The record can't be shown" error={query.error} onRetry={() => void query.refetch()} />;
  if (!target || !query.data) return <Skeleton className="mb-4 !h-24 w-full" />;
  return (
    <ul aria-label={`Records in ${field.name}`} className="divide-y divide-line pb-3">
      {ids.map((id) => {
        const record = query.data.find((known) => known.id === id);
        return (
          <li key={id} className="py-2">
            {record ? <Card target={target} record={record} /> : <p className="text-danger-text">missing ({id})</p>}
          </li>
        );
      })}
    </ul>
  );
}

const fieldsShown = 10;

function Card({ target, record }: { target: Collection; record: RecordRow }) {
  return (
    <>
      <div className="mb-1.5 flex items-center justify-between gap-2">
        <h3 className="min-w-0 truncate font-semibold">{recordTitle(target, record)}</h3>
        <a
          href={`#/collections/${encodeURIComponent(target.name)}?record=${encodeURIComponent(record.id)}`}
          className={buttonClass("secondary", "sm")}
        >
          <ExternalLink size={12} aria-hidden /> Open
        </a>
      </div>
      <dl className="grid grid-cols-[minmax(80px,max-content)_1fr] gap-x-4 gap-y-1">
        {listedFields(target)
          .slice(0, fieldsShown)
          .map((field) => (
            <div key={field.id} className="contents">
              <dt className="text-ink-3">{field.name}</dt>
              <dd className="flex min-w-0 [&_.ms-auto]:ms-0">
                <FieldCell field={field} value={record[field.name]} record={record} />
              </dd>
            </div>
          ))}
      </dl>
    </>
  );
}

function Files({ field, row }: { field: FileField; row: RecordRow }) {
  const names = toList(row[field.name]);
  const token = useQuery({ ...fileTokenQuery, enabled: field.protected });
  if (names.length === 0) return <p className="pb-4 text-ink-2">There is no file.</p>;
  if (field.protected && !token.data) return <Skeleton className="mb-4 !h-24 w-full" />;
  const access = field.protected && token.data ? { token: token.data } : {};
  return (
    <ul aria-label={`Files in ${field.name}`} className="space-y-4 pb-4">
      {names.map((name) => (
        <li key={name}>
          {isImageName(name) ? (
            <img
              alt={name}
              src={fileUrl(row, name, access)}
              className="mx-auto max-h-[50vh] max-w-full rounded-md border border-line bg-sunken"
            />
          ) : (
            <FileGlyph name={name} className="size-12" />
          )}
          <p className="mt-1.5 flex items-center justify-between gap-2">
            <span className="min-w-0 truncate font-mono text-code">{name}</span>
            <a href={fileUrl(row, name, access)} download={name} className={buttonClass("secondary", "sm")}>
              <Download size={12} aria-hidden /> Download
            </a>
          </p>
        </li>
      ))}
    </ul>
  );
}
