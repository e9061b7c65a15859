import { useRouter } from "@tanstack/react-router";

/** Goes to an address as it stands in links, without the `#`. */
export function useGo(): (to: string) => void {
  const router = useRouter();
  return (to) => router.history.push(to);
}
