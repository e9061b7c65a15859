import { count } from "@/lib/words";
import { Button } from "@/ui/button";
import { Kbd } from "@/ui/kbd";
import type { SettingsForm } from "./use-settings";

/** Stays in sight while something has not been saved, and says why saving failed. */
export function SaveBar({ form }: { form: SettingsForm }) {
  if (!form.dirty) return null;
  return (
    <section
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
      <Button tone="ghost" onClick={form.discard}>
        Discard
      </Button>
      <Button tone="primary" busy={form.busy} blocked={form.blocked} onClick={() => void form.save()}>
        Save <Kbd>{/mac/i.test(navigator.userAgent) ? "⌘S" : "Ctrl S"}</Kbd>
      </Button>
    </section>
  );
}
