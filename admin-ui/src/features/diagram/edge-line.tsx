import { cx } from "@/lib/cx";
import { labelOf, type Edge } from "./model";
import { pathOf, type Route } from "./route";

type EdgeLineProps = { edge: Edge; route: Route | undefined; dim: boolean; strong: boolean };

export function EdgeLine({ edge, route, dim, strong }: EdgeLineProps) {
  if (!route) return null;
  const [end] = route.points.slice(-1);
  return (
    <g className={cx(dim && "opacity-25")}>
      <path
        d={pathOf(route)}
        fill="none"
        strokeWidth={strong ? 2 : 1.5}
        className={strong ? "stroke-accent" : "stroke-line-strong"}
      />
      {end && <circle cx={end.x} cy={end.y} r={3} className={strong ? "fill-accent" : "fill-line-strong"} />}
      {!dim && (
        <text
          x={route.label.x}
          y={route.label.y - 4}
          textAnchor="middle"
          strokeWidth={4}
          style={{ paintOrder: "stroke" }}
          className="fill-ink-2 stroke-canvas text-xs"
        >
          {labelOf(edge)}
        </text>
      )}
    </g>
  );
}
