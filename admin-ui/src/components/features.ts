import { useQuery } from "@tanstack/react-query";
import { toUiError } from "@/api/errors";
import { capabilitiesQuery } from "@/api/settings";

/** Whether the server has something that PocketBase does not; `null` until it is known, so also while there is no server. */
export function useFeature(name: string): boolean | null {
  const query = useQuery(capabilitiesQuery);
  return query.isPending || (query.isError && toUiError(query.error).offline)
    ? null
    : (query.data?.features ?? []).includes(name);
}
