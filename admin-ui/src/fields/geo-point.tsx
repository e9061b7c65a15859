import { MapPin } from "lucide-react";
import type { ClipboardEvent } from "react";
import type { GeoPointField } from "@/api/types";
import { isObject, toText } from "@/lib/assert";
import { BadText } from "@/lib/typed";
import { NumberInput } from "@/ui/number-input";
import { emptyCell } from "./parts";
import type { CellProps, InputProps, Kind } from "./types";

export const geoPointKind: Kind<GeoPointField> = {
  label: "Geo point",
  icon: MapPin,
  hint: "A place as longitude and latitude",
  width: 160,
  defaults: { type: "geoPoint" },
};

type Coordinate = number | BadText;

function coordinates(value: unknown): { lon: Coordinate; lat: Coordinate } {
  const point = isObject(value) ? value : {};
  return { lon: coordinate(point["lon"]), lat: coordinate(point["lat"]) };
}

function coordinate(value: unknown): Coordinate {
  return typeof value === "number" || value instanceof BadText ? value : 0;
}

/** Two numbers; pasting `52.5, 13.4` into either fills both, in the order maps use (latitude first). */
export function GeoPointInput({ field, value, onChange, control }: InputProps<GeoPointField>) {
  const point = coordinates(value);
  function paste(event: ClipboardEvent) {
    const pair = /^\s*(-?\d+(?:\.\d+)?)\s*[,;\s]\s*(-?\d+(?:\.\d+)?)\s*$/.exec(event.clipboardData.getData("text"));
    if (!pair) return;
    event.preventDefault();
    onChange({ lat: Number(pair[1]), lon: Number(pair[2]) });
  }
  const { id, ...described } = control;
  return (
    <div className="grid grid-cols-2 gap-2" onPaste={paste} role="group" aria-label={field.name}>
      <div>
        <NumberInput
          control={{ ...described, id }}
          value={point.lon}
          onChange={(lon) => onChange({ ...point, lon: lon ?? 0 })}
          onBad={(lon) => onChange({ ...point, lon })}
        />
        <p className="mt-0.5 text-sm text-ink-3">
          <label htmlFor={id}>Longitude</label>
        </p>
      </div>
      <div>
        <NumberInput
          control={{ ...described, id: `${id}-lat` }}
          value={point.lat}
          onChange={(lat) => onChange({ ...point, lat: lat ?? 0 })}
          onBad={(lat) => onChange({ ...point, lat })}
        />
        <p className="mt-0.5 text-sm text-ink-3">
          <label htmlFor={`${id}-lat`}>
            Latitude<span className="sr-only"> of {field.name}</span>
          </label>
        </p>
      </div>
    </div>
  );
}

export function GeoPointCell({ value }: CellProps<GeoPointField>) {
  const { lon, lat } = coordinates(value);
  if (lon === 0 && lat === 0) return emptyCell;
  return (
    <span className="tnum truncate">
      {toText(lat)}, {toText(lon)}
    </span>
  );
}
