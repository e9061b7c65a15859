import { Suspense } from "react";
import { Direction } from "radix-ui";
import { createRootRoute, Outlet } from "@tanstack/react-router";
import { ConfirmHost } from "@/components/confirm";
import { EmptyPanel } from "@/components/panels";
import { Toasts } from "@/components/toasts";
import { sessionEnded } from "@/components/session";
import { buttonClass } from "@/ui/button";
import { lazyPart } from "@/ui/lazy-part";
import { shownTip } from "@/ui/tooltip";
import { useStore } from "@/ui/use-store";
import { MissingParts } from "./missing-parts";

export const rootRoute = createRootRoute({ component: Root, notFoundComponent: NotFound });

function Root() {
  return (
    <Direction.Provider dir={direction()}>
      <Outlet />
      <ConfirmHost />
      <Session />
      <Toasts />
      <MissingParts />
      <Tips />
    </Direction.Provider>
  );
}

/** What opens and what arrows do follow the direction of the page. */
function direction(): "ltr" | "rtl" {
  return document.documentElement.dir === "rtl" ? "rtl" : "ltr";
}

const SessionDialog = lazyPart(
  () => import("@/features/login/session-dialog"),
  (m) => m.SessionDialog,
);

function Session() {
  const ended = useStore(sessionEnded);
  return (
    ended && (
      <Suspense>
        <SessionDialog />
      </Suspense>
    )
  );
}

const TipHost = lazyPart(
  () => import("@/ui/tip-host"),
  (m) => m.default,
);

function Tips() {
  const shown = useStore(shownTip) !== null;
  return <Suspense>{shown && <TipHost />}</Suspense>;
}

function NotFound() {
  return (
    <main className="flex h-full">
      <EmptyPanel
        page
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
