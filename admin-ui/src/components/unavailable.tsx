import { PlugZap } from "lucide-react";
import type { ReactNode } from "react";
import { isMissing } from "@/api/settings";
import { EmptyPanel, ErrorPanel } from "./panels";

/** The server is fine, it just does not offer this. */
export function UnavailablePanel({ what, children }: { what: string; children?: ReactNode }) {
  return (
    <EmptyPanel icon={<PlugZap size={18} />} title={`${what} not available`}>
      {children ?? "This server does not offer it. A newer version may."}
    </EmptyPanel>
  );
}

/** What is shown instead of data: the reason, or that there is no such thing on this server. */
export function NoData({ what, error, onRetry }: { what: string; error: unknown; onRetry: () => void }) {
  if (isMissing(error)) return <UnavailablePanel what={what} />;
  return <ErrorPanel what={`${what} can't be shown`} error={error} onRetry={onRetry} />;
}
