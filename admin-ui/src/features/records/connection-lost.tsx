import { useEffect, useState } from "react";
import { Notice } from "@/ui/notice";

/** A connection that is back within this time is nothing to speak of. */
const patienceMs = 1500;

/** The rows below no longer follow what others do. Not fetched when needed: there is no server to fetch it from. */
export function ConnectionLost() {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), patienceMs);
    return () => clearTimeout(timer);
  }, []);
  if (!due) return null;
  return (
    <Notice tone="warn" role="status" className="!rounded-none">
      The connection to the server is lost and is being restored. Until then the table does not show what others change.
    </Notice>
  );
}
