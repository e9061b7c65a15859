import { inFull } from "@/api/errors";
import { RequestLink } from "@/components/panels";
import { Button } from "@/ui/button";
import { Notice } from "@/ui/notice";

/** The rows below are old; says so, and why. */
export function RefreshFailed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <Notice tone="danger" role="alert" className="!rounded-none">
      <span className="flex flex-wrap items-center justify-between gap-2">
        <span>
          Couldn't load the records. {inFull(error)} <RequestLink error={error} />
        </span>
        <Button size="sm" onClick={onRetry}>
          Retry
        </Button>
      </span>
    </Notice>
  );
}
