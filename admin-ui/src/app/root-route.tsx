import { createRootRoute, Outlet } from "@tanstack/react-router";
import { ConfirmHost } from "@/components/confirm";
import { EmptyPanel } from "@/components/panels";
import { Toasts } from "@/components/toasts";
import { SessionDialog } from "@/features/login/session-dialog";
import { buttonClass } from "@/ui/button";
import { TooltipProvider } from "@/ui/tooltip";

export const rootRoute = createRootRoute({ component: Root, notFoundComponent: NotFound });

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
