import { createRoute } from "@tanstack/react-router";
import { lazyPart } from "@/ui/lazy-part";
import { rootRoute } from "./root-route";

/** Pages that need no session. Their addresses stand in mails and in the server's redirects. */
const guestPages = () => import("./guest-screens");
const loginRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): { to?: string } =>
    typeof search["to"] === "string" ? { to: search["to"] } : {},
  component: lazyPart(guestPages, (m) => m.LoginScreen),
});

const installRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/pbinstall/$token",
  component: lazyPart(guestPages, (m) => m.InstallerScreen),
});
const requestResetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/request-password-reset",
  component: lazyPart(guestPages, (m) => m.RequestResetScreen),
});
const confirmResetRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/auth/confirm-password-reset/$token",
  component: lazyPart(guestPages, (m) => m.ConfirmResetScreen),
});
const verifyRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/auth/confirm-verification/$token",
  component: lazyPart(guestPages, (m) => m.ConfirmVerificationScreen),
});
const emailChangeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/auth/confirm-email-change/$token",
  component: lazyPart(guestPages, (m) => m.ConfirmEmailChangeScreen),
});
const oauthOkRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/auth/oauth2-redirect-success",
  component: lazyPart(guestPages, (m) => m.OAuthOkScreen),
});
const oauthFailRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/auth/oauth2-redirect-failure",
  component: lazyPart(guestPages, (m) => m.OAuthFailScreen),
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
