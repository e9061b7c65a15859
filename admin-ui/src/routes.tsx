import {
  createRoute,
  createRouter,
  Outlet,
  redirect,
  useNavigate,
  useParams,
  useRouterState,
} from "@tanstack/react-router";
import { Suspense } from "react";
import { isSignedIn } from "@/api/auth";
import { readStored, writeStored } from "@/lib/storage";
import { guestRoutes } from "./app/guest-routes";
import { createHistory } from "./app/history";
import {
  aliasOf,
  parseSearch,
  readLogsSearch,
  readSearch,
  settingsAlias,
  stringifySearch,
  type CollectionSearch,
  type LogsSearch,
} from "./app/paths";
import {
  AccessPage,
  CollectionsPage,
  DiagramScreen,
  HooksScreen,
  JobsPage,
  LogsPage,
  NewCollection,
  OverviewPage,
  SettingsScreen,
  SqlPage,
} from "./app/pages";
import { PageError } from "./app/page-error";
import { rootRoute } from "./app/root-route";
import { Shell } from "./app/shell";
import { useGo } from "./app/use-go";
import { Workspace } from "./app/workspace";

const lastCollection = "stead.last-collection";

function texts(search: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(search).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
}

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/",
  beforeLoad: () => {
    const last = readStored(lastCollection);
    throw redirect(
      last ? { to: "/collections/$name", params: { name: last }, search: readSearch({}) } : { to: "/collections" },
    );
  },
});

/** Everything below needs a session; the address is kept for after signing in. */
const appRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "app",
  beforeLoad: ({ location }) => {
    if (!isSignedIn()) throw redirect({ to: "/login", search: { to: location.href } });
  },
  component: App,
});

function App() {
  const { name } = useParams({ strict: false });
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <Shell current={name ?? ""} path={path} onNavigate={useGo()}>
      <Suspense>
        <Outlet />
      </Suspense>
    </Shell>
  );
}

const collectionsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/collections",
  validateSearch: texts,
  beforeLoad: ({ location, search }) => {
    const alias = aliasOf(location.pathname, search);
    if (alias) throw redirect({ href: `${alias.path}${stringifySearch(alias.search)}`, replace: true });
  },
  component: CollectionsRoute,
});

function CollectionsRoute() {
  return <CollectionsPage onNavigate={useGo()} />;
}

const collectionRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/collections/$name",
  validateSearch: (search: Record<string, unknown>): CollectionSearch => readSearch(search),
  onEnter: ({ params }) => writeStored(lastCollection, params.name),
  component: CollectionScreen,
});

function CollectionScreen() {
  const { name } = collectionRoute.useParams();
  const search = collectionRoute.useSearch();
  const navigate = useNavigate({ from: collectionRoute.fullPath });
  return (
    <Workspace
      name={name}
      search={search}
      onSearch={(change) => void navigate({ search: (now) => ({ ...now, ...change }) })}
      onNavigate={useGo()}
    />
  );
}

const newCollectionRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/new-collection",
  validateSearch: (search: Record<string, unknown>): { from?: string } =>
    typeof search["from"] === "string" ? { from: search["from"] } : {},
  component: NewCollectionScreen,
});

function NewCollectionScreen() {
  const { from } = newCollectionRoute.useSearch();
  return <NewCollection from={from ?? ""} onNavigate={useGo()} />;
}

const settingsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/settings/$section",
  beforeLoad: ({ params }) => {
    const path = settingsAlias(params.section);
    if (path !== null) throw redirect({ href: path, replace: true });
  },
  component: SettingsRoute,
});

const settingsIndexRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/settings",
  beforeLoad: () => {
    throw redirect({ to: "/settings/$section", params: { section: "application" }, replace: true });
  },
});

function SettingsRoute() {
  const { section } = settingsRoute.useParams();
  return <SettingsScreen section={section} onNavigate={useGo()} />;
}

const logsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/logs",
  validateSearch: (search: Record<string, unknown>): LogsSearch => readLogsSearch(search),
  component: LogsRoute,
});

function LogsRoute() {
  const search = logsRoute.useSearch();
  const navigate = useNavigate({ from: logsRoute.fullPath });
  return (
    <LogsPage search={search} onSearch={(change) => void navigate({ search: (now) => ({ ...now, ...change }) })} />
  );
}

const jobsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/jobs",
  component: JobsPage,
});

const sqlRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/sql",
  component: SqlPage,
});

const overviewRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/overview",
  component: OverviewPage,
});

const accessRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/access",
  validateSearch: (search: Record<string, unknown>): { show?: string } =>
    typeof search["show"] === "string" ? { show: search["show"] } : {},
  component: AccessRoute,
});

function AccessRoute() {
  const { show } = accessRoute.useSearch();
  return <AccessPage key={show ?? ""} show={show ?? ""} />;
}

const hooksRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/hooks",
  validateSearch: texts,
  component: HooksScreen,
});

const diagramRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/diagram",
  component: DiagramScreen,
});

const routeTree = rootRoute.addChildren([
  indexRoute,
  ...guestRoutes,
  appRoute.addChildren([
    overviewRoute,
    accessRoute,
    hooksRoute,
    diagramRoute,
    collectionsRoute,
    collectionRoute,
    newCollectionRoute,
    settingsIndexRoute,
    settingsRoute,
    logsRoute,
    jobsRoute,
    sqlRoute,
  ]),
]);

export const router = createRouter({
  routeTree,
  history: createHistory(),
  parseSearch,
  stringifySearch,
  defaultPreload: false,
  defaultErrorComponent: PageError,
});

export type AppRouter = typeof router;
