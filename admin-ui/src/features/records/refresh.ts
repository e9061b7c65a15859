import type { QueryClient } from "@tanstack/react-query";
import { checkSession } from "@/components/session";

/** Asks for a table anew. Without a session its rows would be those that a guest may see. */
export async function refresh(client: QueryClient, collection: string): Promise<void> {
  if (!(await checkSession())) return;
  // The schema may have been changed by somebody else.
  void client.invalidateQueries({ queryKey: ["collections"] });
  void client.invalidateQueries({ queryKey: ["records", collection] });
}
