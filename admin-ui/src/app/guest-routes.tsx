import { useQueryClient } from "@tanstack/react-query";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { LoginPage } from "@/features/login/login-page";
import { rootRoute } from "./root-route";
import { useGo } from "./use-go";

/** Pages that need no session. Their addresses stand in mails and in the server's redirects. */
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

const guestPages = () => import("./guest-screens");
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

export const guestRoutes = [
  loginRoute,
  installRoute,
  requestResetRoute,
  confirmResetRoute,
  verifyRoute,
  emailChangeRoute,
  oauthOkRoute,
  oauthFailRoute,
] as const;
