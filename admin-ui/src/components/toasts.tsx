import { CircleAlert, CircleCheck, X } from "lucide-react";
import { useEffect, useState } from "react";
import { createStore } from "@/lib/store";
import { Button, IconButton } from "@/ui/button";
import { useStore } from "@/ui/use-store";

type Action = { label: string; run: () => void };
type Toast = { id: number; tone: "ok" | "danger"; text: string; action?: Action };

const toasts = createStore<Toast[]>([]);
let lastId = 0;

/** Says that something happened. Failures stay until they are dismissed. */
export function toast(text: string, tone: Toast["tone"] = "ok", action?: Action): void {
  lastId += 1;
  const id = lastId;
  toasts.set((now) => [...now.slice(-3), { id, tone, text, ...(action ? { action } : {}) }]);
}

function dismiss(id: number): void {
  toasts.set((now) => now.filter((item) => item.id !== id));
}

/** What went well before has been read, and would lie over what is said about the next try. */
export function dismissPassing(): void {
  toasts.set((now) => now.filter((item) => item.tone !== "ok" || item.action));
}

/** Two live regions that exist from the start, so that assistive technology announces what is put into them. */
export function Toasts() {
  const items = useStore(toasts);
  return (
    <section
      aria-label="Notifications"
      className="pointer-events-none fixed inset-x-0 bottom-12 max-sm:bottom-28 z-50 flex flex-col items-center gap-2 px-3"
    >
      <div role="status" className="contents">
        {items
          .filter((item) => item.tone === "ok")
          .map((item) => (
            <Card key={item.id} item={item} />
          ))}
      </div>
      <div role="alert" className="contents">
        {items
          .filter((item) => item.tone === "danger")
          .map((item) => (
            <Card key={item.id} item={item} />
          ))}
      </div>
    </section>
  );
}

/** Goes by itself after a while in which nobody is at it. */
function Card({ item }: { item: Toast }) {
  const [focused, setFocused] = useState(false);
  const [pointed, setPointed] = useState(false);
  const stays = item.tone === "danger" || focused || pointed;
  const { id } = item;
  const patience = item.action ? 10_000 : 4000;
  useEffect(() => {
    if (stays) return undefined;
    const timer = setTimeout(() => dismiss(id), patience);
    return () => clearTimeout(timer);
  }, [stays, id, patience]);
  const Icon = item.tone === "ok" ? CircleCheck : CircleAlert;
  return (
    <div
      onFocus={() => setFocused(true)}
      onBlur={() => setFocused(false)}
      onPointerEnter={() => setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      className="enter pointer-events-auto flex max-w-[min(480px,100%)] items-center gap-2 rounded-md bg-raised py-1.5 ps-3 pe-1.5 shadow-float"
    >
      <Icon size={16} aria-hidden className={item.tone === "ok" ? "text-ok" : "text-danger-text"} />
      <span className="min-w-0 break-words">{item.text}</span>
      {item.action && (
        <Button
          size="sm"
          onClick={() => {
            item.action?.run();
            dismiss(item.id);
          }}
        >
          {item.action.label}
        </Button>
      )}
      <IconButton label="Dismiss" small onClick={() => dismiss(item.id)}>
        <X size={14} />
      </IconButton>
    </div>
  );
}
