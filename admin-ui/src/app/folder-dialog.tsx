import { useId, useState } from "react";
import type { Collection } from "@/api/types";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { FieldBox } from "@/ui/field";
import { useFolders } from "./folders";

/** A folder exists as long as something is in it, so naming one is all it takes. */
export default function FolderDialog({ collection, onClose }: { collection: Collection; onClose: () => void }) {
  const { folders, names, move } = useFolders();
  const [name, setName] = useState(folders[collection.id] ?? proposal(collection.name));
  const list = useId();
  function go(folder: string) {
    void move(collection.id, folder.trim());
    onClose();
  }
  return (
    <Modal
      title={`Move ${collection.name} to a folder`}
      width="sm"
      onClose={onClose}
      footer={
        <>
          {folders[collection.id] && <Button onClick={() => go("")}>Out of the folder</Button>}
          <Button tone="primary" blocked={name.trim() === "" ? "Name a folder first" : null} onClick={() => go(name)}>
            Move
          </Button>
        </>
      }
    >
      <form
        className="pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") go(name);
        }}
      >
        <FieldBox label="Folder" help="An existing one or a new name. Only the list changes, not the data.">
          {(control) => (
            <input
              {...control}
              className="control"
              list={list}
              maxLength={60}
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </FieldBox>
        <datalist id={list}>
          {names.map((folder) => (
            <option key={folder}>{folder}</option>
          ))}
        </datalist>
      </form>
    </Modal>
  );
}

/** `shop_orders` probably belongs to the shop. */
function proposal(name: string): string {
  const prefix = /^([a-z\d]+)_/i.exec(name)?.[1] ?? "";
  return prefix.slice(0, 1).toUpperCase() + prefix.slice(1);
}
