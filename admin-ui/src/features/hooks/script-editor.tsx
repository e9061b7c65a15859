import { useQuery } from "@tanstack/react-query";
import { scriptQuery, type HooksOverview, type Script } from "@/api/hooks";
import { isMissing } from "@/api/settings";
import { ErrorPanel } from "@/components/panels";
import { Skeleton } from "@/ui/skeleton";
import { ScriptDesk } from "./script-desk";
import type { Drafts } from "./use-drafts";

type ScriptEditorProps = {
  path: string;
  line: number;
  overview: HooksOverview;
  drafts: Drafts;
  onFile: (path: string, line?: number) => void;
};

/** One file. What is edited outlives going to another file; a file that nobody has saved is there all the same. */
export function ScriptEditor({ path, line, overview, drafts, onFile }: ScriptEditorProps) {
  const fresh = drafts.get(path)?.etag === "";
  const query = useQuery({ ...scriptQuery(path), enabled: !fresh });
  const missing = query.isError && isMissing(query.error);
  if (query.isError && !missing && !query.data)
    return <ErrorPanel what={`${path} can't be shown`} error={query.error} onRetry={() => void query.refetch()} />;
  const script: Script | null = fresh || missing ? null : (query.data ?? null);
  if (!script && !fresh && !missing)
    return (
      <div aria-busy className="flex-1 p-4">
        <Skeleton className="!h-6 w-72" />
      </div>
    );
  return <ScriptDesk path={path} line={line} script={script} overview={overview} drafts={drafts} onFile={onFile} />;
}
