import { createHashHistory, type RouterHistory } from "@tanstack/react-router";

/**
 * The addresses of the page. One that was typed carries no place in the history, and without it the router can't take it back
 * when somebody would rather stay; so it is given the place it has.
 */
export function createHistory(): RouterHistory {
  let history: RouterHistory | null = null;
  // Before the router listens.
  window.addEventListener("popstate", (event) => {
    if (event.state !== null || !history) return;
    const key = Math.random().toString(36).slice(2);
    const { __TSR_index: last } = history.location.state;
    const state = { key, __TSR_key: key, __TSR_index: last + 1 };
    // Past the router, which would take it for a move of its own.
    History.prototype.replaceState.call(window.history, state, "");
  });
  history = createHashHistory();
  return history;
}
