import { useEffect, useEffectEvent, useRef, useState } from "react";
import { inFull, isAborted } from "@/api/errors";
import { copyText } from "@/components/copy";
import { checkSession } from "@/components/session";
import { count, groupDigits } from "@/lib/words";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";
import type { Progress } from "./bulk";

type BulkRunnerProps = {
  title: string;
  /** `updated`, `deleted`, `written`. */
  done: string;
  total: number;
  work: (progress: Progress, report: () => void, signal: AbortSignal) => Promise<void>;
  onClose: (progress: Progress) => void;
};

/** Long work with its progress; it can be stopped, and says how far it came. */
export function BulkRunner({ title, done, total, work, onClose }: BulkRunnerProps) {
  const [progress, setProgress] = useState<Progress>({ done: 0, failed: [] });
  const [state, setState] = useState<"running" | "finished" | "stopped">("running");
  const [error, setError] = useState<string | null>(null);
  const control = useRef<AbortController | null>(null);
  const begun = useRef(false);
  const finish = useEffectEvent(onClose);
  // The work starts with the dialog and outlives its renders.
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    const stop = new AbortController();
    control.current = stop;
    const live: Progress = { done: 0, failed: [] };
    const report = () => setProgress({ done: live.done, failed: [...live.failed] });
    let broken = false;
    void checkSession()
      .then((holds) => {
        if (!holds) throw new Error("Your session ended.");
        return work(live, report, stop.signal);
      })
      .catch((caught: unknown) => {
        if (isAborted(caught) || stop.signal.aborted) return;
        broken = true;
        setError(inFull(caught));
      })
      .finally(() => {
        report();
        setState(stop.signal.aborted ? "stopped" : "finished");
        // Nothing to read means nothing to close.
        if (!broken && !stop.signal.aborted && live.failed.length === 0) finish(live);
      });
  }, [work]);
  const running = state === "running";
  const share = total > 0 ? Math.min(100, Math.round(((progress.done + progress.failed.length) / total) * 100)) : 0;
  return (
    <Modal
      title={title}
      width="sm"
      onClose={() => {
        if (running) control.current?.abort();
        else onClose(progress);
      }}
      footer={
        running ? (
          <Button onClick={() => control.current?.abort()}>Cancel</Button>
        ) : (
          <Button tone="primary" onClick={() => onClose(progress)}>
            Close
          </Button>
        )
      }
    >
      <div className="space-y-3 pb-3">
        <div
          role="progressbar"
          aria-label={title}
          aria-valuenow={share}
          aria-valuemin={0}
          aria-valuemax={100}
          className="h-2 overflow-hidden rounded-full bg-sunken"
        >
          <div className="h-full bg-accent" style={{ width: `${share}%` }} />
        </div>
        <p role="status" className="tnum">
          {groupDigits(progress.done)} of {groupDigits(total)} {done}
          {state === "stopped" && ", then stopped"}
        </p>
        {error && (
          <Notice tone="danger" role="alert">
            {error}
          </Notice>
        )}
        {progress.failed.length > 0 && (
          <Notice tone="danger" role="alert">
            <p>{count(progress.failed.length, "was", "were")} refused:</p>
            <ul className="max-h-40 list-disc overflow-y-auto ps-5">
              {progress.failed.slice(0, 100).map((failure) => (
                <li key={failure.what}>
                  {failure.what}: {failure.why}
                </li>
              ))}
              {progress.failed.length > 100 && <li>and {groupDigits(progress.failed.length - 100)} more</li>}
            </ul>
            {!running && (
              <Button
                size="sm"
                onClick={() =>
                  copyText("List", progress.failed.map((failure) => `${failure.what}: ${failure.why}`).join("\n"))
                }
              >
                Copy the list
              </Button>
            )}
          </Notice>
        )}
      </div>
    </Modal>
  );
}
