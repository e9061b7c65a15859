import { Suspense } from "react";
import type { Collection, Field } from "@/api/types";
import { lazyPart } from "@/ui/lazy-part";
import type { Scope } from "./bulk";

const BulkEdit = lazyPart(
  () => import("./bulk-edit"),
  (m) => m.default,
);
const BulkDelete = lazyPart(
  () => import("./bulk-delete"),
  (m) => m.default,
);
const ExportDialog = lazyPart(
  () => import("./export-dialog"),
  (m) => m.default,
);
const ImportDialog = lazyPart(
  () => import("./import-dialog"),
  (m) => m.default,
);

const SeeAsDialog = lazyPart(
  () => import("./see-as-dialog"),
  (m) => m.default,
);

export type RecordDialog =
  | { kind: "edit" | "delete"; scope: Scope }
  | { kind: "import" }
  | { kind: "export"; selection: Scope | null }
  | { kind: "see"; filter: string; sort: string };

type RecordDialogsProps = {
  collection: Collection;
  dialog: RecordDialog;
  visible: Field[];
  matching: Scope;
  onClose: (deleted: boolean) => void;
};

/** Whatever is done to many records at once. Each part is fetched when it is asked for. */
export default function RecordDialogs({ collection, dialog, visible, matching, onClose }: RecordDialogsProps) {
  const close = () => onClose(false);
  return (
    <Suspense>
      {dialog.kind === "edit" && <BulkEdit collection={collection} scope={dialog.scope} onClose={close} />}
      {dialog.kind === "import" && <ImportDialog collection={collection} onClose={close} />}
      {dialog.kind === "export" && (
        <ExportDialog
          collection={collection}
          visible={visible}
          selection={dialog.selection}
          matching={matching}
          onClose={close}
        />
      )}
      {dialog.kind === "see" && (
        <SeeAsDialog
          collection={collection}
          visible={visible}
          filter={dialog.filter}
          sort={dialog.sort}
          onClose={close}
        />
      )}
      {dialog.kind === "delete" && <BulkDelete collection={collection} scope={dialog.scope} onClose={onClose} />}
    </Suspense>
  );
}
