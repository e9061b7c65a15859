import type { LogHour } from "@/api/operate";

const hour = 3_600_000;
const [width, height] = [120, 20];

/** The shape of a day; the number beside it says the same in words. */
export function Sparkline({ hours, since }: { hours: LogHour[]; since: string }) {
  const start = Date.parse(since.replace(" ", "T"));
  const bars = Array.from({ length: 25 }, () => 0);
  for (const { date, total } of hours) {
    const at = Math.floor((Date.parse(date.replace(" ", "T")) - start) / hour) + 1;
    if (at >= 0 && at < bars.length) bars[at] = (bars[at] ?? 0) + total;
  }
  const most = Math.max(1, ...bars);
  const points = bars.map((n, at) => `${(at * width) / (bars.length - 1)},${height - (n / most) * (height - 2) - 1}`);
  return (
    <svg viewBox={`0 0 ${width} ${height}`} className="h-5 w-full text-accent" preserveAspectRatio="none" aria-hidden>
      <polyline
        points={points.join(" ")}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
