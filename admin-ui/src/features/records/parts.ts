import type { RecordRow } from "@/api/types";
import { lazyPart } from "@/ui/lazy-part";

/** What a table needs only when it is asked for. */
export const loadPanel = () => import("./record-panel");
export const RecordPanel = lazyPart(loadPanel, (m) => m.RecordPanel);
export const PendingChanges = lazyPart(
  () => import("./pending-bar"),
  (m) => m.PendingChanges,
);
export const SelectionBar = lazyPart(
  () => import("./selection-bar"),
  (m) => m.default,
);
export const RecordDialogs = lazyPart(
  () => import("./record-dialogs"),
  (m) => m.default,
);
export const GoToDialog = lazyPart(
  () => import("./go-to-dialog"),
  (m) => m.default,
);
export const ListNotices = lazyPart(
  () => import("./list-notices"),
  (m) => m.default,
);
export const CardList = lazyPart(
  () => import("@/components/grid/card-list"),
  (m) => m.CardList<RecordRow>,
);
export const Peek = lazyPart(
  () => import("./peek"),
  (m) => m.default,
);
