import { Notice } from "@/ui/notice";
import type { Change } from "./model";

/** What somebody else changed while this was edited, and what is not undone by it. */
export function Elsewhere({ changes }: { changes: Change[] }) {
  if (changes.length === 0) return null;
  return (
    <Notice tone="info">
      <p className="font-medium">Changed elsewhere while you were editing; it stays.</p>
      <ul aria-label="Changed elsewhere" className="list-disc ps-5">
        {changes.map((change) => (
          <li key={change.key} className="break-words">
            {change.text}
            {change.detail && `: ${change.detail}`}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
