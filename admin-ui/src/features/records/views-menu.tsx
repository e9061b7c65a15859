import { Bookmark } from "lucide-react";
import { Suspense, useState } from "react";
import type { Collection } from "@/api/types";
import { noState } from "@/components/grid/column-model";
import { confirm } from "@/components/confirm";
import { copyText } from "@/components/copy";
import { toast } from "@/components/toasts";
import { usePref } from "@/components/use-pref";
import { Button } from "@/ui/button";
import { lazyPart } from "@/ui/lazy-part";
import { Menu } from "@/ui/menu";
import type { RecordsSearch } from "./model";
import { readViews, type SavedView } from "./saved-views";
import type { Columns } from "./use-columns";

type ViewsMenuProps = {
  collection: Collection;
  search: RecordsSearch;
  columns: Columns;
  onSearch: (change: Partial<RecordsSearch>) => void;
};

const NameDialog = lazyPart(
  () => import("./name-dialog"),
  (m) => m.default,
);

function without(list: SavedView[], name: string): SavedView[] {
  return list.filter((view) => view.name !== name);
}

/** Filter, order and columns under a name: one's own, and those shared with the other superusers. */
export function ViewsMenu({ collection, search, columns, onSearch }: ViewsMenuProps) {
  const key = `views.${collection.id}`;
  const mine = usePref("me", key, readViews);
  const shared = usePref("shared", key, readViews);
  const [naming, setNaming] = useState(false);
  const views = [...mine.value, ...shared.value];
  const current = views.find((view) => view.filter === search.filter && view.sort === search.sort);
  const plain = search.filter === "" && search.sort === "";
  async function save(name: string, share: boolean) {
    const view = { name, filter: search.filter, sort: search.sort, columns: columns.state };
    setNaming(false);
    const [home, other] = share ? [shared, mine] : [mine, shared];
    await home.change((now) => [...without(now, name), view]);
    if (other.value.some((known) => known.name === name)) await other.change((now) => without(now, name));
    toast(`View ${name} saved${mine.onServer ? "" : " in this browser"}`);
  }
  async function remove(name: string) {
    for (const home of [mine, shared])
      if (home.value.some((view) => view.name === name)) await home.change((now) => without(now, name));
  }
  function show(view: SavedView) {
    columns.setState(view.columns);
    onSearch({ filter: view.filter, sort: view.sort });
  }
  const label = current ? current.name : plain ? "All" : "Unsaved";
  return (
    <>
      <Menu
        align="start"
        trigger={
          <Button aria-label={`View: ${label}`}>
            <Bookmark size={14} aria-hidden />
            <span className="max-w-28 truncate max-lg:sr-only group-data-tight/bar:max-[1699px]:sr-only">
              View: {label}
            </span>
          </Button>
        }
        items={[
          {
            kind: "radio",
            label: "All",
            checked: plain && !current,
            run: () => {
              columns.setState(noState);
              onSearch({ filter: "", sort: "" });
            },
          },
          ...views.map((view) => ({
            kind: "radio" as const,
            label: view.name,
            checked: view === current,
            run: () => show(view),
          })),
          { kind: "separator", label: "view" },
          { label: "Save view…", run: () => setNaming(true) },
          { label: "Copy link", run: () => copyText("Link", window.location.href) },
          ...(current
            ? [
                {
                  label: `Delete view ${current.name}…`,
                  danger: true,
                  run: () =>
                    confirm({
                      title: `Delete view ${current.name}?`,
                      verb: "Delete view",
                      body: "The records stay; only the arrangement is forgotten.",
                      run: () => remove(current.name),
                    }),
                },
              ]
            : []),
        ]}
      />
      {naming && (
        <Suspense>
          <NameDialog
            taken={views.map((view) => view.name)}
            onClose={() => setNaming(false)}
            sharing={mine.onServer}
            onSave={(name, share) => void save(name, share)}
          />
        </Suspense>
      )}
    </>
  );
}
