import { useState } from "react";
import { prefs } from "@/components/prefs";
import { formatCell, toWire } from "@/lib/dates";
import { count, groupDigits } from "@/lib/words";
import { Button } from "@/ui/button";
import { useStore } from "@/ui/use-store";
import type { Bar } from "./model";

type LogChartProps = { bars: Bar[]; hours: number; onPick: (from: string, to: string) => void };

const height = 64;

/** How much happened when. Errors stand at the foot of each bar; the table says the same to those who can't see it. */
export function LogChart({ bars, hours, onPick }: LogChartProps) {
  const [table, setTable] = useState(false);
  const { zone } = useStore(prefs);
  if (bars.length === 0) return null;
  const most = Math.max(...bars.map((bar) => bar.total), 1);
  const total = bars.reduce((sum, bar) => sum + bar.total, 0);
  const errors = bars.reduce((sum, bar) => sum + bar.errors, 0);
  const pick = (bar: Bar) => onPick(toWire(bar.from), toWire(new Date(bar.from.getTime() + hours * 3_600_000)));
  const first = bars[0];
  const last = bars.at(-1);
  return (
    <figure aria-label="Log volume" className="border-b border-line bg-bg px-3 pt-2 pb-1">
      {table ? (
        <div className="max-h-48 overflow-y-auto" tabIndex={0} role="region" aria-label="Log volume by time">
          <table className="tnum w-full max-w-md">
            <thead>
              <tr className="text-start text-ink-3">
                <th className="text-start font-medium">From</th>
                <th className="text-end font-medium">Entries</th>
                <th className="text-end font-medium">Errors</th>
                <th className="sr-only">Show</th>
              </tr>
            </thead>
            <tbody>
              {bars
                .filter((bar) => bar.total > 0)
                .map((bar) => (
                  <tr key={bar.from.getTime()}>
                    <td>{formatCell(bar.from, zone)}</td>
                    <td className="text-end">{groupDigits(bar.total)}</td>
                    <td className="text-end">{groupDigits(bar.errors)}</td>
                    <td className="ps-3">
                      <Button
                        size="sm"
                        tone="ghost"
                        aria-label={`Show only ${formatCell(bar.from, zone)}`}
                        onClick={() => pick(bar)}
                      >
                        Show only
                      </Button>
                    </td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      ) : (
        <svg
          viewBox={`0 0 ${bars.length * 10} ${height}`}
          preserveAspectRatio="none"
          className="block h-16 w-full max-sm:h-10"
          aria-hidden
        >
          {bars.map((bar, index) => {
            const full = (bar.total / most) * height;
            const bad = (bar.errors / most) * height;
            const x = index * 10 + 1;
            return (
              <g key={bar.from.getTime()} className="cursor-pointer" onClick={() => pick(bar)}>
                <title>{`${formatCell(bar.from, zone)}: ${count(bar.total, "entry", "entries")}, ${count(bar.errors, "error")}`}</title>
                <rect x={index * 10} y={0} width={10} height={height} className="fill-transparent hover:fill-hover" />
                <rect
                  x={x}
                  y={height - full}
                  width={8}
                  height={Math.max(full - bad, bar.total > 0 ? 1 : 0)}
                  className="pointer-events-none fill-accent"
                />
                <rect x={x} y={height - bad} width={8} height={bad} className="pointer-events-none fill-danger" />
              </g>
            );
          })}
        </svg>
      )}
      <figcaption className="tnum flex flex-wrap items-center gap-x-4 py-0.5 text-sm text-ink-3">
        <span className="max-sm:hidden">{first && formatCell(first.from, zone)}</span>
        <span className="flex-1 sm:text-center">
          {count(total, "entry", "entries")}, {count(errors, "error")};{" "}
          {hours === 1 ? "a bar is an hour" : `a bar is ${hours} hours`}
        </span>
        <span className="max-sm:hidden">{last && formatCell(last.from, zone)}</span>
        <Button size="sm" tone="ghost" aria-pressed={table} onClick={() => setTable(!table)}>
          Show as table
        </Button>
      </figcaption>
    </figure>
  );
}
