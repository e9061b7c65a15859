import { useSyncExternalStore } from "react";

type Media = { subscribe: (changed: () => void) => () => void; matches: () => boolean };

/** One list for each query: who asks again listens to what is there already. */
const known = new Map<string, Media>();

function mediaOf(query: string): Media {
  const there = known.get(query);
  if (there) return there;
  const list = window.matchMedia(query);
  const media: Media = {
    subscribe: (changed) => {
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    matches: () => list.matches,
  };
  known.set(query, media);
  return media;
}

export function useMedia(query: string): boolean {
  const media = mediaOf(query);
  return useSyncExternalStore(media.subscribe, media.matches);
}
