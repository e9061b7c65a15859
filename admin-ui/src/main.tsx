import "./styles/base.css";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { isSignedIn, renew } from "@/api/auth";
import { collectionsQuery } from "@/api/collections";
import { forgetEarly } from "@/api/early";
import { prefsQuery } from "@/api/prefs";
import type { Collection } from "@/api/types";
import { noticeAnswer, noticeRefusal, watchSession } from "@/components/session";
import { afterPaint } from "@/lib/after-paint";
import { showIcon } from "./app/icon";
import { parseSearch, readSearch } from "./app/paths";
import { reconnect } from "./app/reconnect";
import { warmRows } from "./features/records/warm-rows";
import { router, type AppRouter } from "./routes";

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError: (error) => void noticeRefusal(error), onSuccess: noticeAnswer }),
  defaultOptions: {
    // The server may well be on this machine: being offline is no reason not to ask it.
    queries: { retry: 1, staleTime: 5_000, refetchOnWindowFocus: false, networkMode: "always" },
    mutations: { networkMode: "always" },
  },
});

/** The table of the address, if it is one. */
async function warm(collections: Collection[]): Promise<void> {
  const [path = "", query = ""] = window.location.hash.slice(1).split("?");
  const name = /^\/collections\/([^/]+)$/.exec(path)?.[1];
  const found = collections.find((collection) => collection.name === name);
  const search = readSearch(parseSearch(query));
  if (found && search.tab === "") await warmRows(client, found, search);
}

/**
 * The page of the address is found before the first picture; otherwise it would be drawn once without and once with it. Once
 * it has looked for a page the router misses a change of the address until it is drawn, so it is told.
 */
async function findPage(): Promise<void> {
  const ignore = router.history.subscribe(() => void router.load());
  const done = router.subscribe("onRendered", () => {
    ignore();
    done();
  });
  await router.load();
}

/** What the first screen shows is asked for before anything is drawn, all at once. */
async function prepare(): Promise<void> {
  if (!isSignedIn()) return;
  const rows = client.fetchQuery(collectionsQuery).then(warm, () => undefined);
  const kept = client.prefetchQuery(prefsQuery);
  await findPage().catch(() => undefined);
  await rows;
  await kept;
}

// Links are hash addresses. The router has to go there itself: it can't hold back what the browser has already done.
document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
    return;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const href = link?.getAttribute("href") ?? "";
  if (!href.startsWith("#/") || link?.target === "_blank") return;
  event.preventDefault();
  router.history.push(href.slice(1));
});

/** A screen that comes soon is drawn once, over its outline. One that takes longer says what it waits for. */
const patience = 500;

function draw(): void {
  const root = document.getElementById("root");
  if (!root) return;
  forgetEarly();
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
  watchSession(() => void client.invalidateQueries());
  reconnect(client);
  afterPaint(() => {
    showIcon();
    // Without it ids are in a font of the system; the connection may be gone by now.
    import("./styles/mono.css").catch(() => undefined);
    if (isSignedIn()) void renew();
  });
}

const waited = new Promise((resolve) => {
  setTimeout(resolve, patience);
});
void Promise.race([prepare(), waited]).then(draw, draw);
