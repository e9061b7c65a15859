import { Ellipsis, GripVertical } from "lucide-react";
import { useEffect, useRef, type KeyboardEvent, type PointerEvent } from "react";
import type { Collection } from "@/api/types";
import { kinds } from "@/fields/registry";
import { cx } from "@/lib/cx";
import { count } from "@/lib/words";
import { Badge } from "@/ui/badge";
import { IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";
import { cardWidth, shownFields, type Point } from "./model";

type CardProps = {
  collection: Collection;
  place: Point;
  changed: boolean;
  found: boolean;
  dim: boolean;
  focused: boolean;
  editable: boolean;
  relations: number;
  onKey: (event: KeyboardEvent) => void;
  onGrab: (event: PointerEvent, kind: "card" | "relation") => void;
  onFocus: () => void;
  onOpen: () => void;
  onRelate: () => void;
  onField: () => void;
};

/** A collection: its fields, and where to take hold of it. */
export function Card(props: CardProps) {
  const { collection, place, changed, found, dim, focused, editable, relations, onGrab } = props;
  const box = useRef<HTMLElement>(null);
  const { fields, more } = shownFields(collection);
  // What is looked for comes into view.
  useEffect(() => {
    if (found) box.current?.scrollIntoView({ block: "center", inline: "center" });
  }, [found]);
  return (
    <section
      ref={box}
      data-card={collection.id}
      tabIndex={0}
      aria-label={`${collection.name}, ${count(fields.length + more, "field")}, ${count(relations, "relation")}`}
      onKeyDown={(event) => {
        if (event.key === "Enter" && event.target === event.currentTarget) props.onOpen();
        else props.onKey(event);
      }}
      style={{ insetInlineStart: place.x, top: place.y, width: cardWidth }}
      className={cx(
        "absolute rounded-md border pb-1.5",
        dim ? "border-dashed bg-canvas text-ink-3" : "bg-bg",
        found ? "border-accent shadow-[0_0_0_2px_var(--accent)]" : "border-line-strong",
        changed && "shadow-[inset_3px_0_0_var(--warn)]",
      )}
    >
      <div className="flex h-9 items-center gap-1 border-b border-line ps-1 pe-1">
        <span
          aria-hidden
          className="flex h-full w-5 shrink-0 cursor-move touch-none items-center justify-center text-ink-3"
          onPointerDown={(event) => {
            event.preventDefault();
            onGrab(event, "card");
          }}
        >
          <GripVertical size={14} />
        </span>
        <h2 className="min-w-0 flex-1 truncate font-semibold">{collection.name}</h2>
        {collection.type !== "base" && !dim && <Badge>{collection.type}</Badge>}
        <Menu
          trigger={
            <IconButton label={`Actions for ${collection.name}`} small>
              <Ellipsis size={14} />
            </IconButton>
          }
          items={[
            { label: "Open schema", run: props.onOpen },
            { label: focused ? "Show all" : "Focus", run: props.onFocus },
            ...(editable
              ? [
                  { label: "Add field…", run: props.onField },
                  { label: "Add relation…", run: props.onRelate },
                ]
              : []),
          ]}
        />
      </div>
      <ul>
        {fields.map((field) => {
          const Icon = kinds[field.type].icon;
          return (
            <li key={field.id} className="flex h-[22px] items-center gap-2 px-2.5">
              <Icon size={12} className="shrink-0 text-ink-3" aria-hidden />
              <span className="min-w-0 flex-1 truncate font-mono text-xs">{field.name}</span>
              <span className="text-xs text-ink-3">{kinds[field.type].label}</span>
            </li>
          );
        })}
        {more > 0 && <li className="flex h-[22px] items-center px-2.5 text-xs text-ink-3">{`+${more} more`}</li>}
      </ul>
      {editable && (
        <span
          aria-hidden
          title="Drag to another collection to point at it"
          className="absolute end-[-7px] top-[11px] size-3.5 cursor-crosshair touch-none rounded-full border-2 border-accent bg-bg"
          onPointerDown={(event) => {
            event.preventDefault();
            onGrab(event, "relation");
          }}
        />
      )}
    </section>
  );
}
