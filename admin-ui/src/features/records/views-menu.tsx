import { Bookmark } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import type { Collection } from "@/api/types";
import { noState } from "@/components/grid/column-model";
import { confirm } from "@/components/confirm";
import { copyText } from "@/components/copy";
import { toast } from "@/components/toasts";
import { readStoredJson, writeStored } from "@/lib/storage";
import { Button } from "@/ui/button";
import { Menu } from "@/ui/menu";
import type { RecordsSearch } from "./page";
import { readViews, type SavedView } from "./saved-views";
import type { Columns } from "./use-columns";

type ViewsMenuProps = {
  collection: Collection;
  search: RecordsSearch;
  columns: Columns;
  onSearch: (change: Partial<RecordsSearch>) => void;
};

const NameDialog = lazy(() => import("./name-dialog"));

/** Filter, order and columns under a name. Kept in this browser. */
export function ViewsMenu({ collection, search, columns, onSearch }: ViewsMenuProps) {
  const key = `stead.views.${collection.id}`;
  const [views, setViews] = useState(() => readViews(readStoredJson(key)));
  const [naming, setNaming] = useState(false);
  const current = views.find((view) => view.filter === search.filter && view.sort === search.sort);
  const plain = search.filter === "" && search.sort === "";
  function keep(next: SavedView[]) {
    setViews(next);
    writeStored(key, JSON.stringify(next));
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
            <span className="max-w-28 truncate max-lg:sr-only">View: {label}</span>
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
                      run: () => keep(views.filter((view) => view !== current)),
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
            onSave={(name) => {
              const view = { name, filter: search.filter, sort: search.sort, columns: columns.state };
              keep([...views.filter((other) => other.name !== name), view]);
              setNaming(false);
              toast(`View ${name} saved in this browser`);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
