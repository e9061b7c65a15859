import { formatCell, formatTyped, parseWire, relative, zoneName } from "@/lib/dates";
import { useStore } from "@/ui/use-store";
import { prefs } from "./prefs";

/** A date in the chosen zone; the title has the other zone and the distance to now. */
export function DateText({ value, long }: { value: string; long?: boolean }) {
  const { zone } = useStore(prefs);
  const date = parseWire(value);
  if (!date) return <span>{value}</span>;
  const other = zone === "utc" ? "local" : "utc";
  const title = `${formatTyped(date, other)} ${zoneName(other, date)} · ${relative(date)}`;
  return (
    <time dateTime={date.toISOString()} title={title} className="tnum truncate">
      {long ? `${formatTyped(date, zone)} ${zoneName(zone, date)}` : formatCell(date, zone)}
    </time>
  );
}
