import "./styles/base.css";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { isSignedIn, renew } from "@/api/auth";
import { collectionsQuery } from "@/api/collections";
import type { Collection } from "@/api/types";
import { noticeRefusal } from "@/components/session";
import { parseSearch, readSearch } from "./app/paths";
import { warmRows } from "./features/records/warm-rows";
import { router, type AppRouter } from "./routes";

declare module "@tanstack/react-router" {
  interface Register {
    router: AppRouter;
  }
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError: (error) => void noticeRefusal(error) }),
  defaultOptions: {
    // The server may well be on this machine: being offline is no reason not to ask it.
    queries: { retry: 1, staleTime: 5_000, refetchOnWindowFocus: false, networkMode: "always" },
    mutations: { networkMode: "always" },
  },
});

/** The table of the address, if it is one. */
function warm(collections: Collection[]): void {
  const [path = "", query = ""] = window.location.hash.slice(1).split("?");
  const name = /^\/collections\/([^/]+)$/.exec(path)?.[1];
  const found = collections.find((collection) => collection.name === name);
  const search = readSearch(parseSearch(query));
  if (found && search.tab === "") warmRows(client, found, search);
}

// The schema is asked for while the session is being renewed, not after.
if (isSignedIn()) {
  void renew();
  void client.fetchQuery(collectionsQuery).then(warm, () => undefined);
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

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  );
}
