import { RefreshCw } from "lucide-react";
import type { ReactNode } from "react";
import { inFull, toUiError } from "@/api/errors";
import { Button } from "@/ui/button";

type ErrorPanelProps = {
  what: string;
  error: unknown;
  onRetry?: () => void;
  /** It stands for the whole page. */
  page?: boolean;
};

/** Where data would be: what failed, in the server's words, and a way to try again. */
export function ErrorPanel({ what, error, onRetry, page }: ErrorPanelProps) {
  const Heading = page ? "h1" : "h2";
  return (
    <div role="alert" className="m-auto flex max-w-md flex-col items-center gap-3 p-8 text-center">
      <Heading className="text-lg font-semibold">{what}</Heading>
      <p className="text-ink-2">{inFull(error)}</p>
      <RequestLink error={error} />
      {onRetry && (
        <Button onClick={onRetry}>
          <RefreshCw size={14} aria-hidden /> Retry
        </Button>
      )}
    </div>
  );
}

/** Where the log tells what happened. */
export function RequestLink({ error }: { error: unknown }) {
  const { requestId } = toUiError(error);
  if (requestId === null) return null;
  const filter = encodeURIComponent(`data.requestId = ${JSON.stringify(requestId)}`);
  return (
    <a href={`#/logs?all=1&filter=${filter}`} className="text-sm text-accent-text hover:underline">
      Request {requestId} in the log
    </a>
  );
}

export function EmptyPanel({
  icon,
  title,
  children,
  actions,
  page,
}: {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  /** It stands for the whole page. */
  page?: boolean;
}) {
  const Heading = page ? "h1" : "h2";
  return (
    <div className="m-auto flex max-w-md flex-col items-center gap-2 p-8 text-center">
      {icon && (
        <div className="mb-1 flex size-10 items-center justify-center rounded-full bg-sunken text-ink-3">{icon}</div>
      )}
      <Heading className="text-md font-semibold">{title}</Heading>
      {children && <div className="text-ink-2">{children}</div>}
      {actions && <div className="mt-3 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}
