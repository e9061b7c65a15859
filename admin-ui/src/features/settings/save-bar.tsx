import { useRef } from "react";
import { MergeDialog } from "@/components/merge-dialog";
import type { Sides } from "@/lib/merge3";
import { count } from "@/lib/words";
import { Button } from "@/ui/button";
import { Kbd } from "@/ui/kbd";
import { settingWords, type SettingsForm } from "./use-settings";

type SaveBarProps = {
  form: SettingsForm;
  /** The bar goes while the focus is in it. */
  onGone: () => void;
};

/** Stays in sight while something has not been saved, and says why saving failed. */
export function SaveBar({ form, onGone }: SaveBarProps) {
  const bar = useRef<HTMLElement>(null);
  if (!form.dirty) return null;
  async function save(sides?: Sides) {
    const inside = bar.current?.contains(document.activeElement) ?? false;
    const saved = await form.save(sides);
    const now = document.activeElement;
    // Whoever has gone on to type is left there.
    if (saved && inside && (now === document.body || bar.current?.contains(now))) onGone();
  }
  return (
    <section
      ref={bar}
      aria-label="Unsaved settings"
      className="enter flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-warn-soft px-4 py-2 shadow-[inset_3px_0_0_var(--warn)]"
    >
      <div className="min-w-0 flex-1">
        <span className="font-medium text-warn">{count(form.draft.dirty.length, "unsaved section")}</span>
        {form.blocked && <p className="text-danger-text">{form.blocked}</p>}
        {form.failure && (
          <p role="alert" className="text-danger-text">
            {form.failure}
          </p>
        )}
      </div>
      <Button
        tone="ghost"
        onClick={() => {
          form.discard();
          onGone();
        }}
      >
        Discard
      </Button>
      <Button tone="primary" busy={form.busy} blocked={form.blocked} onClick={() => void save()}>
        Save <Kbd>{/mac/i.test(navigator.userAgent) ? "⌘S" : "Ctrl S"}</Kbd>
      </Button>
      {form.conflicts.length > 0 && (
        <MergeDialog
          what="The settings"
          conflicts={form.conflicts}
          nameOf={settingWords}
          onCancel={form.dismissConflicts}
          onMerge={(sides) => void save(sides)}
        />
      )}
    </section>
  );
}
