import { lazyPart } from "@/ui/lazy-part";

/** Each screen is loaded when it is gone to. */
export const CollectionsPage = lazyPart(
  () => import("@/features/collections/collections-page"),
  (m) => m.CollectionsPage,
);
export const NewCollection = lazyPart(
  () => import("./new-collection"),
  (m) => m.default,
);
export const SettingsScreen = lazyPart(
  () => import("./operate-screens"),
  (m) => m.SettingsScreen,
);
export const LogsPage = lazyPart(
  () => import("@/features/logs/logs-page"),
  (m) => m.LogsPage,
);
export const AccessPage = lazyPart(
  () => import("@/features/access/access-page"),
  (m) => m.AccessPage,
);
export const JobsPage = lazyPart(
  () => import("@/features/jobs/jobs-page"),
  (m) => m.JobsPage,
);
export const SqlPage = lazyPart(
  () => import("@/features/sql/sql-page"),
  (m) => m.SqlPage,
);
export const OverviewPage = lazyPart(
  () => import("@/features/overview/overview-page"),
  (m) => m.OverviewPage,
);
export const HooksScreen = lazyPart(
  () => import("./hooks-screen"),
  (m) => m.HooksScreen,
);
export const DiagramScreen = lazyPart(
  () => import("./diagram-screen"),
  (m) => m.DiagramScreen,
);
