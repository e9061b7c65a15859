import { useEffect, useEffectEvent, useState } from "react";
import { preloadInputs } from "@/fields/lazy";
import { preloadMenus } from "@/ui/menu";

/** The network is idle once rows are there; the form is what people open next. */
export function useIdle(settled: boolean, loadForm: () => Promise<unknown>): boolean {
  const [idle, setIdle] = useState(false);
  const preload = useEffectEvent(() => {
    void loadForm().catch(() => undefined);
    preloadInputs();
    preloadMenus();
  });
  useEffect(() => {
    if (!settled) return undefined;
    const listen = setTimeout(() => setIdle(true), 500);
    const load = setTimeout(preload, 1500);
    return () => {
      clearTimeout(listen);
      clearTimeout(load);
    };
  }, [settled]);
  return idle;
}
