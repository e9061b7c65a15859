import { useQuery } from "@tanstack/react-query";
import { Copy, X } from "lucide-react";
import { serverUrl } from "@/api/client";
import { logQuery, type LogEntry } from "@/api/operate";
import { copyText } from "@/components/copy";
import { DateText } from "@/components/date-text";
import { useFeature } from "@/components/features";
import { ErrorPanel } from "@/components/panels";
import { toText } from "@/lib/assert";
import { redact, redactText } from "@/lib/redact";
import { curlOf } from "@/lib/shell";
import { placeOf } from "@/lib/rhai/log-place";
import { Badge } from "@/ui/badge";
import { Button, buttonClass, IconButton } from "@/ui/button";
import { Sheet } from "@/ui/sheet";
import { explainHref, levelOf, recordOf } from "./model";

type LogDetailProps = {
  id: string;
  known: LogEntry | undefined;
  docked: boolean;
  onClose: () => void;
  onFilter: (filter: string) => void;
};

/** Everything one entry holds, without the secrets that addresses may carry. */
export function LogDetail({ id, known, docked, onClose, onFilter }: LogDetailProps) {
  const query = useQuery({ ...logQuery(id), ...(known ? { initialData: known } : {}) });
  const entry = query.data;
  const content = (
    <>
      <header className="flex items-start gap-2 border-b border-line py-2 ps-4 pe-2">
        <h2 className="min-w-0 flex-1 pt-1 text-lg font-semibold break-words">
          {entry ? redactText(entry.message) : "Log entry"}
        </h2>
        <IconButton label="Close" onClick={onClose}>
          <X size={16} />
        </IconButton>
      </header>
      {query.isError && !entry && (
        <ErrorPanel what="This entry can't be shown" error={query.error} onRetry={() => void query.refetch()} />
      )}
      {entry && <Entry entry={entry} onFilter={onFilter} />}
    </>
  );
  if (!docked)
    return (
      <Sheet label={`Log entry ${id}`} onClose={onClose}>
        {content}
      </Sheet>
    );
  return (
    <aside
      aria-label={`Log entry ${id}`}
      className="enter-side flex w-[clamp(380px,34vw,520px)] shrink-0 flex-col border-s border-line bg-bg"
    >
      {content}
    </aside>
  );
}

function Entry({ entry, onFilter }: { entry: LogEntry; onFilter: (filter: string) => void }) {
  const data = redact(entry.data);
  const fields = typeof data === "object" && data !== null ? Object.entries(data) : [];
  const level = levelOf(entry.level);
  const url = toText(entry.data["url"]);
  const record = recordOf(url);
  const method = toText(entry.data["method"]);
  const request = toText(entry.data["requestId"]);
  const script = placeOf(entry.data);
  const explains = useFeature("rules") === true ? explainHref(entry.data) : null;
  return (
    <div className="min-h-0 flex-1 space-y-4 overflow-y-auto p-4" tabIndex={-1}>
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone={level.tone === "info" ? "neutral" : level.tone}>{level.name}</Badge>
        <DateText value={entry.created} long />
      </p>
      <div className="flex flex-wrap gap-2">
        <Button
          size="sm"
          onClick={() =>
            copyText("JSON", JSON.stringify({ ...entry, message: redactText(entry.message), data }, null, 2))
          }
        >
          <Copy size={12} aria-hidden /> Copy JSON
        </Button>
        {url !== "" && method !== "" && (
          <Button size="sm" onClick={() => copyText("Command", curlOf(method, serverUrl + redactText(url)))}>
            <Copy size={12} aria-hidden /> Copy as cURL
          </Button>
        )}
        {record && (
          <a
            href={`#/collections/${encodeURIComponent(record.collection)}?record=${encodeURIComponent(record.id)}`}
            className={buttonClass("secondary", "sm")}
          >
            Open record
          </a>
        )}
        {request !== "" && (
          <Button size="sm" onClick={() => onFilter(`data.requestId = ${JSON.stringify(request)}`)}>
            Same request
          </Button>
        )}
        {script && (
          <a href={script.href} className={buttonClass("secondary", "sm")}>
            Open {script.label}
          </a>
        )}
        {explains && (
          <a href={explains} className={buttonClass("secondary", "sm")}>
            Explain denial
          </a>
        )}
      </div>
      <dl className="divide-y divide-line">
        {fields.map(([key, value]) => (
          <div key={key} className="grid grid-cols-[110px_1fr] gap-3 py-1.5">
            <dt className="text-ink-3">{key}</dt>
            <dd className="min-w-0">
              {typeof value === "object" && value !== null ? (
                <pre className="font-mono text-code break-words whitespace-pre-wrap">
                  {JSON.stringify(value, null, 2)}
                </pre>
              ) : (
                <span className="font-mono text-code break-all">{toText(value) || "—"}</span>
              )}
              {isFilterable(key, value) && (
                <button
                  type="button"
                  className="ms-2 text-sm text-accent-text hover:underline"
                  aria-label={`Filter by this ${key}`}
                  onClick={() => onFilter(`data.${key} = ${JSON.stringify(value)}`)}
                >
                  filter
                </button>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function isFilterable(key: string, value: unknown): boolean {
  return (
    /^\w+$/.test(key) &&
    (typeof value === "number" || (typeof value === "string" && value !== "" && !value.includes("•")))
  );
}
