import "./styles/base.css";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { isSignedIn, renew } from "@/api/auth";
import { collectionsQuery } from "@/api/collections";
import { noticeRefusal } from "@/components/session";
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

// The schema is asked for while the session is being renewed, not after.
if (isSignedIn()) {
  void renew();
  void client.prefetchQuery(collectionsQuery);
}

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
