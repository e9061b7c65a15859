import { createElement, lazy, useEffect, useState, type ReactNode } from "react";
import { createStore } from "@/lib/store";
import { useStore } from "./use-store";

/** Ways to try again: one for each part of the page that is wanted now and could not be loaded. */
export const missingParts = createStore<(() => void)[]>([]);

type Drawn<P> = (props: P) => ReactNode;

/**
 * A component that is loaded when it is drawn. One that can't be loaded takes nothing else away: in its place stands `instead`,
 * and `missingParts` knows.
 */
export function lazyPart<M, P extends object>(
  load: () => Promise<M>,
  pick: (module: M) => Drawn<P>,
  instead?: (props: P) => ReactNode,
) {
  let ready: Drawn<P> | null = null;
  const attempt = (): Promise<{ default: Drawn<P> }> =>
    load().then(
      (module) => {
        ready = pick(module);
        return { default: ready };
      },
      () => ({ default: missing() }),
    );
  const current = createStore({ Now: lazy(attempt) });

  /** A component of its own for each try: React would take it for the last one. */
  function missing(): Drawn<P> {
    return function Missing(props) {
      // The notice about it is elsewhere on the page.
      useEffect(() => {
        const again = () => current.set({ Now: lazy(attempt) });
        missingParts.set((now) => [...now, again]);
        return () => missingParts.set((now) => now.filter((other) => other !== again));
      }, []);
      return instead?.(props) ?? null;
    };
  }
  function Part(props: P) {
    const { Now } = useStore(current);
    // What is there already needs no waiting, not even for a moment.
    const [there] = useState(() => ready);
    return createElement(there ?? Now, props);
  }
  /** For the router, which loads a page before it leaves the last one. */
  Part.preload = async (): Promise<void> => void (await attempt());
  return Part;
}
