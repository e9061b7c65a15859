import type { Collection } from "@/api/types";
import { changesOf } from "@/features/schema/model";
import { meantOf } from "@/features/schema/wanted";
import { count } from "@/lib/words";
import { Button } from "@/ui/button";
import { Kbd } from "@/ui/kbd";
import type { CollectionEditor } from "./use-collection-editor";

/** Stays in sight while a collection has changes that have not been applied. */
export function PendingBar({ editor, base }: { editor: CollectionEditor; base: Collection }) {
  if (!editor.dirty) return null;
  const changes = changesOf(base, meantOf(base, editor.draft.value)).length;
  return (
    <section
      aria-label="Pending schema changes"
      className="enter flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-warn-soft px-4 py-2 shadow-[inset_3px_0_0_var(--warn)]"
    >
      <span className="tnum flex-1 font-medium text-warn">{count(changes, "unsaved change")}</span>
      <Button
        tone="ghost"
        onClick={() => {
          editor.discard();
          // The bar goes, and what is being edited is next.
          document.getElementById("content")?.focus({ preventScroll: true });
        }}
      >
        Discard
      </Button>
      <Button tone="primary" onClick={editor.review}>
        Review changes <Kbd>{/mac/i.test(navigator.userAgent) ? "⌘S" : "Ctrl S"}</Kbd>
      </Button>
    </section>
  );
}
