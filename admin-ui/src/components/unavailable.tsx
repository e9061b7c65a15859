import { PlugZap } from "lucide-react";
import type { ReactNode } from "react";
import { isMissing } from "@/api/settings";
import { EmptyPanel, ErrorPanel } from "./panels";

/** The server is fine, it just does not offer this. */
export function UnavailablePanel({ what, children, page }: { what: string; children?: ReactNode; page?: boolean }) {
  return (
    <EmptyPanel {...(page ? { page } : {})} icon={<PlugZap size={18} />} title={`${what} not available`}>
      {children ?? "This server does not offer it. A newer version may."}
    </EmptyPanel>
  );
}

type NoDataProps = { what: string; error: unknown; onRetry: () => void; page?: boolean };

/** What is shown instead of data: the reason, or that there is no such thing on this server. */
export function NoData({ what, error, onRetry, page = false }: NoDataProps) {
  if (isMissing(error)) return <UnavailablePanel page={page} what={what} />;
  return <ErrorPanel page={page} what={`${what} can't be shown`} error={error} onRetry={onRetry} />;
}
