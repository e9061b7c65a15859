import { useQuery } from "@tanstack/react-query";
import { Braces, Copy, Globe, Lock } from "lucide-react";
import { useRef, useState, type RefObject } from "react";
import { collectionsQuery } from "@/api/collections";
import type { Collection } from "@/api/types";
import { copyText } from "@/components/copy";
import { isLong, LongBody } from "@/components/long-table";
import { EmptyPanel, ErrorPanel } from "@/components/panels";
import { cx } from "@/lib/cx";
import { Button } from "@/ui/button";
import { Segmented } from "@/ui/radio";
import { Skeleton } from "@/ui/skeleton";
import { accessOf, accessWords, actions, applies, ruleOf, toMarkdown, type Access, type RuleKey } from "./model";
import { RuleDialog } from "./rule-dialog";

type Show = "all" | Access;
const shows: { value: Show; label: string }[] = [
  { value: "all", label: "All" },
  { value: "everyone", label: "Public" },
  { value: "custom", label: "Only if…" },
  { value: "locked", label: "Superusers only" },
];

/** Every rule of every collection on one page: what is public is seen at a glance. */
export function AccessPage({ show: start }: { show: string }) {
  const query = useQuery(collectionsQuery);
  const [show, setShow] = useState<Show>(start === "public" ? "everyone" : "all");
  const [search, setSearch] = useState("");
  const [editing, setEditing] = useState<{ id: string; key: RuleKey } | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  if (query.isError && !query.data)
    return <ErrorPanel page what="The rules can't be shown" error={query.error} onRetry={() => void query.refetch()} />;
  const own = (query.data ?? []).filter((collection) => !collection.system);
  const term = search.trim().toLowerCase();
  const fits = (collection: Collection, key: RuleKey) =>
    applies(collection, key) && (show === "all" || accessOf(ruleOf(collection, key)) === show);
  const rows = own.filter(
    (collection) => collection.name.toLowerCase().includes(term) && actions.some(({ key }) => fits(collection, key)),
  );
  const edited = own.find((collection) => collection.id === editing?.id);
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto w-full max-w-[1240px] space-y-4 px-4 py-6">
        <header>
          <h1 className="text-xl font-semibold">Access</h1>
          <p className="mt-1 text-ink-2">Who may do what through the API. Superusers always may.</p>
        </header>
        <div className="flex flex-wrap items-center justify-between gap-2">
          <Segmented
            label="Show rules"
            value={show}
            options={shows}
            onChange={(next) => setShow(shows.find((known) => known.value === next)?.value ?? "all")}
          />
          <input
            type="search"
            aria-label="Search collections"
            placeholder="Search"
            className="control min-w-36 flex-1 sm:ms-auto sm:max-w-60"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
          <Button onClick={() => copyText("Access matrix", toMarkdown(rows))}>
            <Copy size={14} aria-hidden /> Copy as Markdown
          </Button>
        </div>
        {query.isPending && <Skeleton className="!h-40 w-full" />}
        {query.data && rows.length === 0 && (
          <EmptyPanel
            title={term !== "" ? "No collection matches" : show === "everyone" ? "Nothing is public" : "No such rule"}
          >
            {term !== ""
              ? "No name contains what you search for."
              : show === "everyone"
                ? "No collection lets everyone in."
                : "No rule of your collections is in this state."}
          </EmptyPanel>
        )}
        {rows.length > 0 && (
          <Matrix
            scroller={scroller}
            rows={rows}
            fits={fits}
            onEdit={(collection, key) => setEditing({ id: collection.id, key })}
          />
        )}
      </div>
      {editing && edited && (
        <RuleDialog
          collection={edited}
          collections={query.data ?? []}
          action={actions.find((action) => action.key === editing.key) ?? actions[0]}
          onClose={() => setEditing(null)}
        />
      )}
    </div>
  );
}

type MatrixProps = {
  scroller: RefObject<HTMLElement | null>;
  rows: Collection[];
  fits: (collection: Collection, key: RuleKey) => boolean;
  onEdit: (collection: Collection, key: RuleKey) => void;
};

/** The name stays beside the rules that are scrolled to. */
const staying = "sticky start-0 z-1";

function Matrix({ scroller, rows, fits, onEdit }: MatrixProps) {
  const shown = actions.filter(({ key }) => rows.some((collection) => applies(collection, key)));
  return (
    <div
      className="wider-than-seen overflow-x-auto rounded-md border border-line"
      role="region"
      aria-label="Access matrix"
      tabIndex={0}
    >
      <table
        className={cx("w-full border-collapse", isLong(rows) && "min-w-[62rem] table-fixed [&_td_button]:max-w-full")}
        aria-rowcount={rows.length + 1}
      >
        <thead>
          <tr className="border-b border-line bg-canvas text-ink-2">
            {["Collection", ...shown.map((action) => action.title)].map((title, at) => (
              <th
                key={title}
                scope="col"
                className={cx(
                  "h-9 px-3 text-start font-medium whitespace-nowrap",
                  at === 0 && `w-1/5 bg-canvas ${staying}`,
                )}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <LongBody rows={rows} scroller={scroller}>
          {(collection, props) => (
            <tr key={collection.id} {...props} className="border-b border-line last:border-0">
              <th scope="row" className={cx("h-11 bg-bg px-3 text-start font-medium", staying)}>
                <a
                  href={`#/collections/${collection.name}?tab=rules`}
                  className="block w-max max-w-[min(18rem,100%)] text-ink wrap-anywhere hover:text-accent-text hover:underline max-sm:max-w-[40vw]"
                >
                  {collection.name}
                </a>
              </th>
              {shown.map(({ key, title }) => (
                <td key={key} className="px-1.5">
                  {applies(collection, key) ? (
                    <RuleButton
                      collection={collection}
                      rule={ruleOf(collection, key)}
                      title={title}
                      faded={!fits(collection, key)}
                      onClick={() => onEdit(collection, key)}
                    />
                  ) : (
                    <span className="px-2 text-ink-3">—</span>
                  )}
                </td>
              ))}
            </tr>
          )}
        </LongBody>
      </table>
    </div>
  );
}

const icons = { locked: Lock, everyone: Globe, custom: Braces } as const;
const tones = { locked: "text-ink-2", everyone: "text-warn font-semibold", custom: "text-accent-text" } as const;

type RuleButtonProps = {
  collection: Collection;
  rule: string | null;
  title: string;
  faded: boolean;
  onClick: () => void;
};

/** State by icon, word and colour; the expression is on hover and for screen readers. */
function RuleButton({ collection, rule, title, faded, onClick }: RuleButtonProps) {
  const access = accessOf(rule);
  const Icon = icons[access];
  return (
    <button
      type="button"
      title={rule ? rule : accessWords[access]}
      aria-label={`${title} rule of ${collection.name}: ${rule ? `only if ${rule}` : accessWords[access]}`}
      onClick={onClick}
      className={cx(
        "inline-flex min-h-8 max-w-40 items-center gap-1.5 rounded-sm px-2 whitespace-nowrap hover:bg-hover pointer-coarse:min-h-11",
        faded ? "text-ink-3" : tones[access],
      )}
    >
      <Icon size={14} aria-hidden className="shrink-0" />
      {rule ? <span className="truncate font-mono text-code">{rule}</span> : accessWords[access]}
    </button>
  );
}
