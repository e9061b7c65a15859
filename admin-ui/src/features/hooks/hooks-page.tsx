import { useQuery } from "@tanstack/react-query";
import { FileCode, Plus } from "lucide-react";
import { useState } from "react";
import { hooksQuery, type HooksOverview } from "@/api/hooks";
import { useFeature } from "@/components/features";
import { EmptyPanel } from "@/components/panels";
import { NoData, UnavailablePanel } from "@/components/unavailable";
import { cx } from "@/lib/cx";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Notice } from "@/ui/notice";
import { Skeleton } from "@/ui/skeleton";
import { stateOf, stateWords, type FileState } from "./model";
import { NewFile } from "./new-file";
import { ScriptEditor } from "./script-editor";
import { useDrafts } from "./use-drafts";

type HooksPageProps = { file: string; line: string; onFile: (file: string, line?: number) => void };

/** Scripts: what is loaded, and writing them where the operator allows it. */
export function HooksPage({ file, line, onFile }: HooksPageProps) {
  const offered = useFeature("hook-symbols");
  // Asked as well while it is not known, for the words why.
  const query = useQuery({ ...hooksQuery, enabled: offered !== false });
  if (offered === false) return <UnavailablePanel page what="Hooks" />;
  if (query.isError && !query.data)
    return <NoData page what="Hooks" error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data)
    return (
      <div aria-busy className="p-4">
        <Skeleton className="!h-8 w-60" />
      </div>
    );
  return <Loaded overview={query.data} file={file} line={line} onFile={onFile} />;
}

type LoadedProps = HooksPageProps & { overview: HooksOverview };

function Loaded({ overview, file, line, onFile }: LoadedProps) {
  const [naming, setNaming] = useState(false);
  const drafts = useDrafts();
  const files = [...new Set([...overview.files, ...(overview.pending ?? []), ...drafts.fresh])].toSorted();
  const chosen = files.includes(file) ? file : (files[0] ?? "");
  const { allowed, reason } = overview.editing;
  return (
    <div className="flex min-h-0 flex-1 flex-col max-lg:overflow-y-auto">
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line bg-bg px-4 py-1.5">
        <h1 className="text-lg font-semibold">Hooks</h1>
        <span className="min-w-0 truncate text-sm text-ink-3">{overview.folder}</span>
        <span className="flex-1" />
        <Button
          blocked={allowed ? null : (reason ?? "Editing is switched off")}
          onClick={() => setNaming(true)}
          aria-keyshortcuts="n"
        >
          <Plus size={14} aria-hidden /> New file
        </Button>
      </div>
      {!allowed && (
        <Notice tone="info" className="mx-4 mt-3">
          Read only. {reason}
        </Notice>
      )}
      {overview.problems.map((problem) => (
        <Notice key={`${problem.file} ${problem.line}`} tone="danger" className="mx-4 mt-3">
          {problem.file}
          {problem.line !== null && `, line ${problem.line}`}: {problem.message}. The scripts from before keep running.
        </Notice>
      ))}
      <div className="flex min-h-0 flex-1 max-lg:flex-col">
        <Files overview={overview} files={files} chosen={chosen} dirty={drafts.isDirty} onFile={onFile} />
        {chosen === "" ? (
          <EmptyPanel icon={<FileCode size={18} />} title="No scripts yet">
            Scripts are files ending in .rhai in the folder {overview.folder}. They run on events, answer requests and
            do jobs on a schedule.
          </EmptyPanel>
        ) : (
          <ScriptEditor
            key={chosen}
            path={chosen}
            line={chosen === file ? Number(line) || 0 : 0}
            overview={overview}
            drafts={drafts}
            onFile={onFile}
          />
        )}
      </div>
      {naming && (
        <NewFile
          taken={files}
          onClose={() => setNaming(false)}
          onCreate={(path) => {
            setNaming(false);
            drafts.begin(path);
            onFile(path);
          }}
        />
      )}
    </div>
  );
}

type FilesProps = {
  overview: HooksOverview;
  files: string[];
  chosen: string;
  dirty: (path: string) => boolean;
  onFile: (path: string) => void;
};

const tones = { running: "ok", pending: "warn", module: "neutral", failed: "danger" } as const satisfies Record<
  FileState,
  string
>;

function Files({ overview, files, chosen, dirty, onFile }: FilesProps) {
  return (
    <nav
      aria-label="Hook files"
      className="w-60 shrink-0 overflow-y-auto border-e border-line bg-canvas p-2 max-lg:max-h-40 max-lg:w-full max-lg:border-e-0 max-lg:border-b"
    >
      <ul className="space-y-0.5">
        {files.map((path) => {
          const state =
            overview.files.includes(path) || overview.pending?.includes(path) ? stateOf(overview, path) : null;
          return (
            <li key={path}>
              <button
                type="button"
                aria-current={path === chosen ? "page" : undefined}
                onClick={() => onFile(path)}
                className={cx(
                  "flex min-h-8 w-full flex-wrap items-center gap-x-2 gap-y-1 rounded-sm px-2 py-1.5 text-start pointer-coarse:min-h-11",
                  path === chosen ? "bg-selected text-accent-text" : "hover:bg-hover",
                )}
              >
                <span className="min-w-0 grow truncate font-mono text-code">{path}</span>
                {dirty(path) && <Badge tone="accent">edited</Badge>}
                {state && <Badge tone={tones[state]}>{stateWords[state]}</Badge>}
              </button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
