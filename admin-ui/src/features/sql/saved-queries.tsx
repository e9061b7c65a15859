import { Trash2 } from "lucide-react";
import { confirm } from "@/components/confirm";
import { toast } from "@/components/toasts";
import { usePref } from "@/components/use-pref";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { readSavedQueries, without, type SavedQuery } from "./model";

const key = "sql.queries";

/** Queries under a name: one's own, and those of all superusers. */
export function useSavedQueries() {
  const mine = usePref("me", key, readSavedQueries);
  const shared = usePref("shared", key, readSavedQueries);
  return {
    sharing: mine.onServer,
    all: [
      ...mine.value.map((query) => ({ ...query, everyone: false })),
      ...shared.value.map((query) => ({ ...query, everyone: true })),
    ],
    save: async (query: SavedQuery, share: boolean) => {
      const [home, other] = share ? [shared, mine] : [mine, shared];
      await home.change((now) => [...without(now, query.name), query]);
      if (other.value.some(({ name }) => name === query.name)) await other.change((now) => without(now, query.name));
      toast(`Query ${query.name} saved${mine.onServer ? "" : " in this browser"}`);
    },
    remove: async ({ name, text, everyone }: SavedQuery & { everyone: boolean }) => {
      const home = everyone ? shared : mine;
      await home.change((now) => without(now, name));
      toast(`Query ${name} deleted`, "ok", {
        label: "Undo",
        run: () => void home.change((now) => [...without(now, name), { name, text }]),
      });
    },
  };
}

type Queries = ReturnType<typeof useSavedQueries>;

export function SavedQueries({ queries, onPick }: { queries: Queries; onPick: (text: string) => void }) {
  if (queries.all.length === 0) return null;
  return (
    <ul aria-label="Saved queries" className="flex max-h-[5.25rem] flex-wrap gap-1.5 overflow-y-auto">
      {queries.all.map((query) => (
        <li key={`${query.everyone} ${query.name}`} className="flex items-center rounded-sm border border-line">
          <Button size="sm" tone="ghost" onClick={() => onPick(query.text)}>
            {query.name}
            {query.everyone && <Badge>shared</Badge>}
          </Button>
          <IconButton
            label={`Delete query ${query.name}`}
            small
            onClick={() => {
              if (!query.everyone) void queries.remove(query);
              else
                confirm({
                  title: `Delete query ${query.name}?`,
                  verb: "Delete query",
                  body: "It is shared: no superuser has it any longer.",
                  run: () => queries.remove(query),
                });
            }}
          >
            <Trash2 size={12} />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}
