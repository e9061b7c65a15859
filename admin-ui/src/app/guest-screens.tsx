import { useQueryClient } from "@tanstack/react-query";
import { useParams, useRouter, useSearch } from "@tanstack/react-router";
import {
  ConfirmEmailChangePage,
  ConfirmResetPage,
  ConfirmVerificationPage,
  OAuthResultPage,
  RequestResetPage,
} from "@/features/login/link-pages";
import { LoginPage } from "@/features/login/login-page";
import { InstallerPage } from "@/features/login/installer-page";

/** Rarely seen pages, kept out of the first load. */
function useToken(): string {
  return useParams({ strict: false }).token ?? "";
}

export function LoginScreen() {
  const router = useRouter();
  const client = useQueryClient();
  const { to } = useSearch({ strict: false });
  return (
    <LoginPage
      onDone={() => {
        client.clear();
        router.history.push(typeof to === "string" && to.startsWith("/") ? to : "/");
      }}
    />
  );
}

export function InstallerScreen() {
  const router = useRouter();
  return <InstallerPage token={useToken()} onDone={() => router.history.push("/collections")} />;
}

export function RequestResetScreen() {
  return <RequestResetPage />;
}

export function ConfirmResetScreen() {
  return <ConfirmResetPage token={useToken()} />;
}

export function ConfirmVerificationScreen() {
  return <ConfirmVerificationPage token={useToken()} />;
}

export function ConfirmEmailChangeScreen() {
  return <ConfirmEmailChangePage token={useToken()} />;
}

export function OAuthOkScreen() {
  return <OAuthResultPage ok />;
}

export function OAuthFailScreen() {
  return <OAuthResultPage ok={false} />;
}
