import { useQuery } from "@tanstack/react-query";
import { capabilitiesQuery } from "@/api/settings";

/** Whether the server has something that PocketBase does not; `null` until it is known. */
export function useFeature(name: string): boolean | null {
  const query = useQuery(capabilitiesQuery);
  return query.isPending ? null : (query.data?.features ?? []).includes(name);
}
