import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";

/** Runs when Back or Forward has led to another place: what lay over the page belonged to the one that was left. */
export function useOnBack(run: () => void): void {
  const { history } = useRouter();
  // The history of the browser is not React's.
  useEffect(() =>
    history.subscribe(({ action }) => {
      if (action.type !== "PUSH" && action.type !== "REPLACE") run();
    }),
  );
}
