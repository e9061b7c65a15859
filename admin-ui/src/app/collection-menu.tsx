import { useQueryClient } from "@tanstack/react-query";
import { Copy, Ellipsis, Eraser, Folder, Star, Trash2 } from "lucide-react";
import { Suspense, useState } from "react";
import { deleteCollection, truncateCollection } from "@/api/collections";
import type { Collection } from "@/api/types";
import { confirm } from "@/components/confirm";
import { copyText } from "@/components/copy";
import { toast } from "@/components/toasts";
import { IconButton } from "@/ui/button";
import { lazyPart } from "@/ui/lazy-part";
import { Menu } from "@/ui/menu";
import { useFolders } from "./folders";

const FolderDialog = lazyPart(
  () => import("./folder-dialog"),
  (m) => m.default,
);

/** What is done to a collection as a whole. */
export function CollectionMenu({
  collection,
  onNavigate,
}: {
  collection: Collection;
  onNavigate: (to: string) => void;
}) {
  const client = useQueryClient();
  const { name, type, system } = collection;
  const { favourites, toggleFavourite } = useFolders();
  const [moving, setMoving] = useState(false);
  const liked = favourites.includes(collection.id);

  function askTruncate() {
    confirm({
      title: `Delete all records of ${name}?`,
      verb: "Delete all records",
      typed: name,
      body: "Every record and its files are deleted. The collection, its fields and rules stay. This can't be undone.",
      run: async () => {
        await truncateCollection(collection.id);
        await client.invalidateQueries({ queryKey: ["records"] });
        toast(`All records of ${name} deleted`);
      },
    });
  }
  function askDelete() {
    confirm({
      title: `Delete collection ${name}?`,
      verb: "Delete collection",
      typed: name,
      body:
        type === "view"
          ? "The view is deleted; the records it shows stay."
          : "All its records and files are deleted with it. This can't be undone.",
      run: async () => {
        await deleteCollection(collection.id);
        onNavigate("/collections");
        await client.invalidateQueries({ queryKey: ["collections"] });
        toast(`Collection ${name} deleted`);
      },
    });
  }
  const fixed = system ? "Not for a system collection" : undefined;
  const menu = (
    <Menu
      trigger={
        <IconButton label={`Actions for ${name}`}>
          <Ellipsis size={16} />
        </IconButton>
      }
      items={[
        {
          label: liked ? "Remove from favourites" : "Add to favourites",
          icon: <Star size={14} />,
          blocked: fixed,
          run: () => void toggleFavourite(collection.id),
        },
        {
          label: "Move to folder…",
          icon: <Folder size={14} />,
          blocked: fixed,
          run: () => setMoving(true),
        },
        { label: "Copy name", icon: <Copy size={14} />, run: () => copyText("Name", name) },
        {
          label: "Duplicate…",
          icon: <Copy size={14} />,
          blocked: fixed,
          run: () => onNavigate(`/new-collection?from=${encodeURIComponent(name)}`),
        },
        { kind: "separator", label: "danger" },
        {
          label: "Delete all records…",
          icon: <Eraser size={14} />,
          danger: true,
          blocked: fixed ?? (type === "view" ? "A view has no records of its own" : undefined),
          run: askTruncate,
        },
        { label: "Delete collection…", icon: <Trash2 size={14} />, danger: true, blocked: fixed, run: askDelete },
      ]}
    />
  );
  return (
    <>
      {menu}
      {moving && (
        <Suspense>
          <FolderDialog collection={collection} onClose={() => setMoving(false)} />
        </Suspense>
      )}
    </>
  );
}
