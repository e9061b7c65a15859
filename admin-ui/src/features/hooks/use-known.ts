import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { scriptQuery, symbolsQuery } from "@/api/hooks";
import { functionsOf, importsOf, knownOf, type Module } from "@/lib/rhai/structure";

/** What a text can call: what the server offers, its own functions, and those of files it imports. */
export function useKnown(text: string) {
  const symbols = useQuery(symbolsQuery).data;
  const imports = useMemo(() => importsOf(text).slice(0, 20), [text]);
  const scripts = useQueries({ queries: imports.map(({ path }) => ({ ...scriptQuery(path), staleTime: 10_000 })) });
  const modules = imports.map((known, index): Module => {
    const script = scripts[index]?.data;
    return { ...known, functions: functionsOf(script?.pending?.text ?? script?.text ?? "") };
  });
  const own = useMemo(() => functionsOf(text), [text]);
  return {
    known: [
      ...(symbols?.functions ?? []),
      ...knownOf(own, ""),
      ...modules.flatMap((module) => knownOf(module.functions, module.alias)),
    ],
    events: symbols?.events ?? [],
    modules,
  };
}
