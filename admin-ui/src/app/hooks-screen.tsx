import { useRouterState } from "@tanstack/react-router";
import { HooksPage } from "@/features/hooks/hooks-page";
import { isObject, toText } from "@/lib/assert";
import { useGo } from "./use-go";

/** Which file is open, and at which line, is in the address. */
export function HooksScreen() {
  const go = useGo();
  const search: unknown = useRouterState({ select: (state) => state.location.search });
  const text = (key: string) => (isObject(search) ? toText(search[key]) : "");
  return (
    <HooksPage
      file={text("file")}
      line={text("line")}
      onFile={(file, line) => {
        const place = `/hooks?file=${encodeURIComponent(file)}`;
        go(file === "" ? "/hooks" : line === undefined ? place : `${place}&line=${line}`);
      }}
    />
  );
}
