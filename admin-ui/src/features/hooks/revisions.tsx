import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { inFull } from "@/api/errors";
import { revisionQuery, revisionsQuery } from "@/api/hooks";
import { DateText } from "@/components/date-text";
import { DiffView } from "@/components/diff-view";
import { cx } from "@/lib/cx";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";

type RevisionsProps = {
  path: string;
  text: string;
  editable: boolean;
  onTake: (text: string) => void;
  onClose: () => void;
};

/** The texts that were saved, and how what is in the editor differs from one of them. */
export function Revisions({ path, text, editable, onTake, onClose }: RevisionsProps) {
  const list = useQuery(revisionsQuery(path));
  const [picked, setPicked] = useState<number | null>(null);
  const number = picked ?? list.data?.[0]?.number ?? null;
  const one = useQuery({ ...revisionQuery(path, number ?? 0), enabled: number !== null });
  return (
    <Modal
      title={`Revisions of ${path}`}
      description="The last texts that were saved here. Taking one puts it into the editor; it runs once it is saved."
      width="lg"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button
            tone="primary"
            blocked={!editable ? "Read only" : !one.data || one.data.text === text ? "It is the same" : null}
            onClick={() => one.data && onTake(one.data.text)}
          >
            {number === null ? "Take revision" : `Take v${number}`}
          </Button>
        </>
      }
    >
      <div className="space-y-3 pb-3">
        {list.isError && (
          <Notice tone="danger" role="alert">
            {inFull(list.error)}
          </Notice>
        )}
        {list.data?.length === 0 && <p className="text-ink-2">It has not been saved here yet.</p>}
        {list.data && list.data.length > 0 && (
          <ul aria-label="Revisions" className="flex max-h-36 flex-col gap-0.5 overflow-y-auto">
            {list.data.map((revision, index) => (
              <li key={revision.number}>
                <button
                  type="button"
                  aria-pressed={revision.number === number}
                  onClick={() => setPicked(revision.number)}
                  className={cx(
                    "flex min-h-8 w-full items-center gap-3 rounded-sm px-2 text-start pointer-coarse:min-h-11",
                    revision.number === number ? "bg-selected text-accent-text" : "hover:bg-hover",
                  )}
                >
                  <span className="tnum w-10 font-medium">v{revision.number}</span>
                  <DateText value={revision.saved} />
                  <span className="tnum text-sm text-ink-3">{revision.size} B</span>
                  {index === 0 && <Badge>newest</Badge>}
                </button>
              </li>
            ))}
          </ul>
        )}
        {one.data && <DiffView label="Difference" before={one.data.text} after={text} />}
      </div>
    </Modal>
  );
}
