import { queryOptions } from "@tanstack/react-query";
import { pb } from "./client";
import type { RecordRow } from "./types";

export function fileUrl(
  record: Pick<RecordRow, "id" | "collectionId" | "collectionName">,
  name: string,
  options: { thumb?: string; token?: string } = {},
): string {
  return pb.files.getURL(record, name, options);
}

/** Protected files need a token that lives for minutes; it is kept in memory and renewed well before its end. */
export const fileTokenQuery = queryOptions({
  queryKey: ["file-token"],
  queryFn: () => pb.files.getToken(),
  staleTime: 60_000,
  gcTime: 90_000,
});

const images = new Set(["png", "jpg", "jpeg", "gif", "webp", "avif", "svg"]);

export function isImageName(name: string): boolean {
  return images.has(name.slice(name.lastIndexOf(".") + 1).toLowerCase());
}
