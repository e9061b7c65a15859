import { useState } from "react";
import type { Collection } from "@/api/types";
import type { Jump } from "./jumps";
import { keyOf } from "./ledger";

type Owned = Jump & { list: string; at: number };

/** Where the list on the screen starts. Another filter or order starts at the beginning again. */
export function useJump(collection: Collection, filter: string, sort: string) {
  const [jump, setJump] = useState<Owned | null>(null);
  const [asking, setAsking] = useState(false);
  const list = `${filter}\n${sort}`;
  const here = jump?.list === list ? jump : null;
  const key = keyOf(collection, sort);
  return {
    key,
    here,
    from: here?.from ?? "",
    asking,
    setAsking,
    /** The end is only looked up where rows can be found by key; the code for it comes when it is needed. */
    to: (next: Jump | null) => setJump(next && { ...next, list, at: Date.now() }),
    toEnd: async () => {
      if (!key) return;
      const { endOf } = await import("./jumps");
      setJump({ ...(await endOf(collection, filter, key)), list, at: Date.now() });
    },
    earlier: async () => {
      if (!key || !here) return;
      const { earlierThan } = await import("./jumps");
      const next = await earlierThan(collection, filter, key, here);
      setJump(next && { ...next, list, at: Date.now() });
    },
  };
}

export type Jumping = ReturnType<typeof useJump>;
