import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useId, useRef, useState, type KeyboardEvent } from "react";
import { collectionsQuery } from "@/api/collections";
import { recordTitle } from "@/api/presentable";
import { pickerQuery } from "@/api/records";
import { toFilter } from "@/features/records/model";
import { isPlainTerm } from "@/lib/expr/lex";
import { anyOf, literal } from "@/lib/keyset";
import { cx } from "@/lib/cx";
import { Modal } from "@/ui/dialog";
import { Kbd } from "@/ui/kbd";
import { fixedItems, matching, pageItems, type Item } from "./palette-items";
import { collectionHref, emptySearch } from "./paths";
import { takeTyped } from "./typed-ahead";

type PaletteProps = { current: string; onNavigate: (to: string) => void; onHelp: () => void; onClose: () => void };

/** One box for everything: what the page can do, where one can go, and the records of the open collection. */
export default function Palette({ current, onNavigate, onHelp, onClose }: PaletteProps) {
  const id = useId();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  /** Until a key has been pressed, what is active is in sight; asking would cost a layout. */
  const used = useRef(false);
  const [page] = useState(pageItems);
  const collections = useQuery(collectionsQuery).data ?? [];
  const records = useRecordItems(current, text, onNavigate);
  const known = [...page, ...fixedItems(collections, onNavigate, onHelp)];
  const found = [...matching(known, text), ...records];
  const index = Math.min(active, found.length - 1);

  function run(item: Item | undefined) {
    if (!item) return;
    onClose();
    // After the focus has gone back to where it was.
    setTimeout(item.run, 50);
  }
  function onKeyDown(event: KeyboardEvent) {
    used.current = true;
    if (event.key === "Enter") run(found[index]);
    else if (event.key === "ArrowDown") setActive((index + 1) % Math.max(1, found.length));
    else if (event.key === "ArrowUp") setActive((index - 1 + found.length) % Math.max(1, found.length));
    else return;
    event.preventDefault();
  }
  return (
    <Modal title="Command palette" onClose={onClose}>
      <div className="control mb-2 flex items-center gap-2 !py-0">
        <Search size={16} aria-hidden className="shrink-0 text-ink-3" />
        <input
          role="combobox"
          aria-label="Search or jump"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={index >= 0 ? `${id}-${index}` : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder="Search or jump…"
          className="h-9 min-w-0 flex-1 bg-transparent outline-none"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          // Nobody waits for it: what was typed meanwhile counts.
          onFocus={() => {
            const typed = takeTyped();
            if (typed.text !== "") setText(typed.text);
            if (typed.enter) run(matching(known, typed.text)[0]);
          }}
        />
      </div>
      <ul id={`${id}-list`} role="listbox" aria-label="Results" className="h-[46vh] overflow-y-auto pb-2">
        {found.map((item, at) => (
          <li
            key={item.id}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === index}
            onClick={() => run(item)}
            onMouseMove={() => setActive(at)}
            ref={(node) => {
              if (at === index && used.current) node?.scrollIntoView({ block: "nearest" });
            }}
            className={cx(
              "flex min-h-8 cursor-pointer items-center gap-3 rounded-sm px-2 pointer-coarse:min-h-11",
              at === index && "bg-selected",
            )}
          >
            <span className="min-w-0 flex-1 truncate">{item.label}</span>
            <span className="shrink-0 text-sm text-ink-3">{item.group}</span>
            {item.keys && <Kbd>{item.keys}</Kbd>}
          </li>
        ))}
      </ul>
      <p role="status" className={cx("pb-3", found.length > 0 ? "sr-only" : "text-ink-3")}>
        {found.length === 0 ? "Nothing matches." : `${found.length} results`}
      </p>
    </Modal>
  );
}

/** Records of the collection that is open, by their text or id. */
function useRecordItems(current: string, text: string, onNavigate: (to: string) => void): Item[] {
  const collection = useQuery(collectionsQuery).data?.find((known) => known.name === current);
  const term = text.trim();
  const wanted = collection !== undefined && term.length > 1 && isPlainTerm(term);
  const filter = wanted ? anyOf([toFilter(term, collection), `id = ${literal(term)}`]) : "";
  const query = useQuery({ ...pickerQuery(current, filter), enabled: wanted, retry: false });
  if (!wanted || !query.data) return [];
  return query.data.slice(0, 8).map((row) => ({
    id: `record ${row.id}`,
    group: collection.name,
    label: recordTitle(collection, row),
    run: () => onNavigate(collectionHref(collection.name, { ...emptySearch, record: row.id }).slice(1)),
  }));
}
