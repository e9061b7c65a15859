import { lazy, Suspense } from "react";
import { createRootRoute, Outlet } from "@tanstack/react-router";
import { ConfirmHost } from "@/components/confirm";
import { EmptyPanel } from "@/components/panels";
import { Toasts } from "@/components/toasts";
import { sessionEnded } from "@/components/session";
import { buttonClass } from "@/ui/button";
import { TooltipProvider } from "@/ui/tooltip";
import { useStore } from "@/ui/use-store";

export const rootRoute = createRootRoute({ component: Root, notFoundComponent: NotFound });

function Root() {
  return (
    <TooltipProvider delayDuration={400}>
      <Outlet />
      <ConfirmHost />
      <Session />
      <Toasts />
    </TooltipProvider>
  );
}

const SessionDialog = lazy(() => import("@/features/login/session-dialog").then((m) => ({ default: m.SessionDialog })));

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
