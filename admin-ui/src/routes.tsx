import { useQueryClient } from "@tanstack/react-query";
import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
  useNavigate,
  useParams,
  useRouter,
} from "@tanstack/react-router";
import { Suspense } from "react";
import { isSignedIn } from "@/api/auth";
import { ConfirmHost } from "@/components/confirm";
import { EmptyPanel } from "@/components/panels";
import { Toasts } from "@/components/toasts";
import { LoginPage } from "@/features/login/login-page";
import { SessionDialog } from "@/features/login/session-dialog";
import { readStored, writeStored } from "@/lib/storage";
import { buttonClass } from "@/ui/button";
import { TooltipProvider } from "@/ui/tooltip";
import { aliasOf, parseSearch, readSearch, stringifySearch, type CollectionSearch } from "./app/paths";
import { Shell } from "./app/shell";
import { Workspace } from "./app/workspace";

const rootRoute = createRootRoute({ component: Root, notFoundComponent: NotFound });

function Root() {
  return (
    <TooltipProvider delayDuration={400}>
      <Outlet />
      <ConfirmHost />
      <SessionDialog />
      <Toasts />
    </TooltipProvider>
  );
}

function NotFound() {
  return (
    <main className="flex h-full">
      <EmptyPanel
        title="There is no such page"
        actions={
          <a href="#/collections" className={buttonClass("primary")}>
            All collections
          </a>
        }
      >
        The link may be old or mistyped.
      </EmptyPanel>
    </main>
  );
}

const lastCollection = "stead.last-collection";

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

function useGo(): (to: string) => void {
  const router = useRouter();
  return (to) => router.history.push(to);
}

function App() {
  const { name } = useParams({ strict: false });
  return (
    <Shell current={name ?? ""} onNavigate={useGo()}>
      <Suspense>
        <Outlet />
      </Suspense>
    </Shell>
  );
}

const collectionsRoute = createRoute({
  getParentRoute: () => appRoute,
  path: "/collections",
  validateSearch: (search: Record<string, unknown>): Record<string, string> =>
    Object.fromEntries(Object.entries(search).filter((pair): pair is [string, string] => typeof pair[1] === "string")),
  beforeLoad: ({ location, search }) => {
    const alias = aliasOf(location.pathname, search);
    if (alias) throw redirect({ href: `${alias.path}${stringifySearch(alias.search)}`, replace: true });
  },
  component: lazyRouteComponent(() => import("@/features/collections/collections-page"), "CollectionsPage"),
});

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

const NewCollection = lazyRouteComponent(() => import("./app/new-collection"));

function NewCollectionScreen() {
  const { from } = newCollectionRoute.useSearch();
  return <NewCollection from={from ?? ""} onNavigate={useGo()} />;
}

const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): { to?: string } =>
    typeof search["to"] === "string" ? { to: search["to"] } : {},
  component: LoginScreen,
});

function LoginScreen() {
  const { to } = loginRoute.useSearch();
  const go = useGo();
  const client = useQueryClient();
  return (
    <LoginPage
      onDone={() => {
        client.clear();
        go(to?.startsWith("/") ? to : "/");
      }}
    />
  );
}

const guestPages = () => import("./app/guest-screens");
const installRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/pbinstall/$token",
  component: lazyRouteComponent(guestPages, "InstallerScreen"),
});
const requestResetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/request-password-reset",
  component: lazyRouteComponent(guestPages, "RequestResetScreen"),
});
const confirmResetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/auth/confirm-password-reset/$token",
  component: lazyRouteComponent(guestPages, "ConfirmResetScreen"),
});
const verifyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/auth/confirm-verification/$token",
  component: lazyRouteComponent(guestPages, "ConfirmVerificationScreen"),
});
const emailChangeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/auth/confirm-email-change/$token",
  component: lazyRouteComponent(guestPages, "ConfirmEmailChangeScreen"),
});
const oauthOkRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/auth/oauth2-redirect-success",
  component: lazyRouteComponent(guestPages, "OAuthOkScreen"),
});
const oauthFailRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/auth/oauth2-redirect-failure",
  component: lazyRouteComponent(guestPages, "OAuthFailScreen"),
});

const routeTree = rootRoute.addChildren([
  indexRoute,
  loginRoute,
  installRoute,
  requestResetRoute,
  confirmResetRoute,
  verifyRoute,
  emailChangeRoute,
  oauthOkRoute,
  oauthFailRoute,
  appRoute.addChildren([collectionsRoute, collectionRoute, newCollectionRoute]),
]);

export const router = createRouter({
  routeTree,
  history: createHashHistory(),
  parseSearch,
  stringifySearch,
  defaultPreload: false,
});

export type AppRouter = typeof router;
