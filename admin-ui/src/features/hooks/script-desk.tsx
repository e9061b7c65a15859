import { useQuery } from "@tanstack/react-query";
import { AlignLeft, History, Save, Trash2 } from "lucide-react";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { checkQuery, type HooksOverview, type Script } from "@/api/hooks";
import { CodeEditor, type EditorHandle } from "@/components/code-editor";
import { useLeaveGuard } from "@/components/leave-guard";
import { useSettled } from "@/components/use-settled";
import { completeRhai, paintRhai, placeAt } from "@/lib/rhai/editor";
import { formatRhai } from "@/lib/rhai/format";
import { definitionAt } from "@/lib/rhai/structure";
import { count } from "@/lib/words";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Kbd } from "@/ui/kbd";
import { Notice } from "@/ui/notice";
import { DryRunPanel } from "./dry-run";
import { Described, describedAt } from "./described";
import { HookLog } from "./hook-log";
import { outlineOf, troublesOf, troubleSpans, starterOf } from "./model";
import { Problems } from "./problems";
import { Revisions } from "./revisions";
import { SavedMeanwhile } from "./saved-meanwhile";
import type { Drafts } from "./use-drafts";
import { useKnown } from "./use-known";
import { useSave } from "./use-save";

type DeskProps = {
  path: string;
  line: number;
  script: Script | null;
  overview: HooksOverview;
  drafts: Drafts;
  onFile: (path: string, line?: number) => void;
};

const mod = /mac/i.test(navigator.userAgent) ? "⌘" : "Ctrl";

/** The text, what is wrong with it, what it would do, and what it says. */
export function ScriptDesk({ path, line, script, overview, drafts, onFile }: DeskProps) {
  const stored = script?.pending?.text ?? script?.text ?? "";
  const draft = drafts.get(path) ?? { text: stored, base: stored, etag: script?.etag ?? "" };
  const { text } = draft;
  const { allowed } = overview.editing;
  const dirty = text !== draft.base || (script === null && draft.etag === "");
  const editor = useRef<EditorHandle>(null);
  const [place, setPlace] = useState(0);
  const [history, setHistory] = useState(false);
  const settled = useSettled(text, 300);
  const check = useQuery(checkQuery(path, settled));
  const troubles = useMemo(
    () => (settled === text ? troublesOf(text, check.data?.problems ?? [], check.data?.warnings ?? []) : []),
    [settled, text, check.data],
  );
  const spans = useMemo(() => [...paintRhai(text), ...troubleSpans(text, troubles)], [text, troubles]);
  const { known, events, modules } = useKnown(text);
  const save = useSave({ path, draft, drafts, onGone: () => onFile("") });
  useLeaveGuard({
    dirty: drafts.dirty.length > 0,
    passes: (from, to) => from.pathname === to.pathname,
    what: `${count(drafts.dirty.length, "script has", "scripts have")} changes that are not saved.`,
    onLeave: () => undefined,
  });
  function go(at: number) {
    editor.current?.select(at, at);
    setPlace(at);
  }
  // A file that was just made waits to be written.
  useEffect(() => {
    if (script === null && draft.etag === "" && text === starterOf(path)) go(text.length);
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
  // Whoever comes with a line is taken there once, not again while typing.
  useEffect(() => {
    if (line > 0) go(placeAt(text, line, 1));
    // oxlint-disable-next-line react/exhaustive-deps
  }, [line]);
  function follow(at: number) {
    const found = definitionAt(text, at, modules);
    if (found?.path === null) go(placeAt(text, found.line, 1));
    else if (found) onFile(found.path, found.line);
  }
  function format() {
    const tidy = formatRhai(text);
    if (tidy !== text) editor.current?.replace(tidy);
  }
  function next() {
    const following = troubles.find((trouble) => trouble.at > place) ?? troubles[0];
    if (following) go(following.at);
  }
  function onKey(event: KeyboardEvent) {
    const command = event.ctrlKey || event.metaKey;
    if (event.key === "F8") next();
    else if (command && event.key.toLowerCase() === "s" && allowed) void save.run(true);
    else if (event.shiftKey && event.altKey && event.code === "KeyF" && allowed) format();
    else return;
    event.preventDefault();
  }
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col lg:flex-row" onKeyDown={onKey}>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col max-lg:flex-none">
        <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1.5 bg-bg px-3 py-2">
          <h2 className="font-mono text-code font-semibold">{path}</h2>
          <Versions script={script} dirty={dirty} />
          <span className="flex-1" />
          <IconButton
            label="Format"
            blocked={allowed ? null : "Read only"}
            aria-keyshortcuts="Shift+Alt+F"
            onClick={format}
          >
            <AlignLeft size={16} />
          </IconButton>
          <IconButton
            label="Revisions"
            blocked={script ? null : "It has not been saved yet"}
            onClick={() => setHistory(true)}
          >
            <History size={16} />
          </IconButton>
          <IconButton
            label={`Delete ${path}`}
            blocked={allowed ? null : (overview.editing.reason ?? "Read only")}
            onClick={save.remove}
          >
            <Trash2 size={16} />
          </IconButton>
          <Button
            tone="primary"
            busy={save.busy}
            blocked={!allowed ? (overview.editing.reason ?? "Read only") : dirty ? null : "Nothing has changed"}
            onClick={() => void save.run(true)}
          >
            <Save size={14} aria-hidden /> Save <Kbd>{`${mod} S`}</Kbd>
          </Button>
        </div>
        {script?.pending && !dirty && (
          <Notice tone="warn" className="mx-3 mb-2">
            <span className="flex flex-wrap items-center gap-2">
              <span className="flex-1">
                This text waits: {script.version > 0 ? `version ${script.version} keeps running` : "nothing runs yet"}.
              </span>
              {script.pending.problems.length === 0 && (
                <Button size="sm" blocked={allowed ? null : "Read only"} onClick={() => void save.run(false)}>
                  Run it all the same
                </Button>
              )}
            </span>
          </Notice>
        )}
        {save.failure && (
          <Notice tone="danger" role="alert" className="mx-3 mb-2">
            {save.failure}
          </Notice>
        )}
        <div className="flex min-h-60 flex-1 flex-col px-3 max-lg:h-[50vh]">
          <CodeEditor
            ref={editor}
            label={`Source of ${path}`}
            describedBy="editor-keys"
            value={text}
            readOnly={!allowed}
            spans={spans}
            marked={new Set(troubles.map((trouble) => trouble.line ?? 1))}
            complete={(source, caret) => completeRhai(source, caret, known, events)}
            onPlace={setPlace}
            help={(at, typed) => {
              const { items, argument } = describedAt(text, at, known, events, typed);
              return items.length > 0 && <Described items={items} argument={argument} />;
            }}
            onFollow={follow}
            onChange={(value) => drafts.set(path, { ...draft, text: value })}
          />
        </div>
        <p id="editor-keys" className="shrink-0 px-4 py-1.5 text-sm text-ink-3">
          Escape, then Tab leaves the editor. Ctrl Space suggests, F1 describes, F12 goes to a definition, F8 to the
          next problem.
        </p>
        <Problems
          path={path}
          troubles={troubles}
          checking={check.isFetching || settled !== text}
          onGo={go}
          onFile={onFile}
        />
        <Outline items={outlineOf(overview, path)} onGo={(at) => go(placeAt(text, at, 1))} />
        <HookLog path={path} onLine={(at) => go(placeAt(text, at, 1))} />
      </div>
      <DryRunPanel path={path} text={text} changed={dirty} script={overview} events={events} />
      {history && (
        <Revisions
          path={path}
          text={text}
          editable={allowed}
          onTake={(old) => {
            drafts.set(path, { ...draft, text: old });
            setHistory(false);
          }}
          onClose={() => setHistory(false)}
        />
      )}
      {save.theirs && <SavedMeanwhile path={path} theirs={save.theirs} mine={text} {...save.settle} />}
    </div>
  );
}

function Versions({ script, dirty }: { script: Script | null; dirty: boolean }) {
  return (
    <span className="flex flex-wrap items-center gap-1.5">
      {dirty && <Badge tone="accent">modified</Badge>}
      {script && script.version > 0 && <Badge tone="ok">running v{script.version}</Badge>}
      {script?.pending && <Badge tone="warn">a change waits</Badge>}
    </span>
  );
}

function Outline({ items, onGo }: { items: { line: number; text: string }[]; onGo: (line: number) => void }) {
  if (items.length === 0) return null;
  return (
    <nav aria-label="What it registers" className="flex shrink-0 flex-wrap gap-1 px-3 pb-2">
      {items.slice(0, 20).map((item) => (
        <Button key={`${item.line} ${item.text}`} size="sm" tone="ghost" onClick={() => onGo(item.line)}>
          {item.text} <span className="tnum text-ink-3">:{item.line}</span>
        </Button>
      ))}
    </nav>
  );
}
