import { Calendar, ChevronLeft, ChevronRight } from "lucide-react";
import { useState, type KeyboardEvent } from "react";
import { cx } from "@/lib/cx";
import { formatTyped, monthGrid, parseTyped, parseWire, parts, toWire, zoneName, type Zone } from "@/lib/dates";
import { BadText, badDate } from "@/lib/typed";
import { Button, IconButton } from "@/ui/button";
import { FieldError, type ControlProps } from "@/ui/field";
import { Float } from "@/ui/popover";
import { useStore } from "@/ui/use-store";
import { prefs, setZone } from "./prefs";

type DateInputProps = {
  control: ControlProps;
  label: string;
  value: string | BadText;
  onChange: (value: string) => void;
  /** Where the owner keeps what is no date, to refuse it when saving. */
  onBad?: (bad: BadText) => void;
};

/** Typed as `2026-03-01 10:30` or picked; shown in the zone named beside it and stored in UTC. */
export function DateInput({ control, label, value, onChange, onBad }: DateInputProps) {
  const { zone } = useStore(prefs);
  const [typed, setTyped] = useState<string | null>(null);
  const [open, setOpen] = useState(false);
  const kept = value instanceof BadText ? value.text : value;
  const date = parseWire(kept);
  const zoned = zoneName(zone, date ?? undefined);
  const wrong = typed ?? (value instanceof BadText ? value.text : "");
  const bad = wrong.trim() !== "" && parseTyped(wrong, zone) === null ? badDate(wrong) : null;

  function type(text: string) {
    setTyped(text);
    const parsed = parseTyped(text, zone);
    if (text.trim() === "") onChange("");
    else if (parsed) onChange(toWire(parsed));
    else onBad?.(badDate(text));
  }
  function put(next: Date) {
    setTyped(null);
    onChange(toWire(next));
  }
  return (
    <>
      <div className="relative">
        <input
          {...control}
          {...(bad ? { "aria-invalid": true } : {})}
          autoComplete="off"
          className="control tnum !pe-28"
          placeholder="YYYY-MM-DD hh:mm"
          value={typed ?? (date ? formatTyped(date, zone) : kept)}
          onChange={(event) => type(event.target.value)}
          onBlur={() => (onBad || !bad) && setTyped(null)}
        />
        <div className="absolute inset-y-0 end-1 flex items-center gap-0.5">
          <button
            type="button"
            className="h-6 rounded-sm px-1.5 text-xs font-medium text-ink-2 hover:bg-hover"
            aria-label={`Times are shown in ${zoned}. Switch to ${zone === "utc" ? "local time" : "UTC"}`}
            onClick={() => {
              setTyped(null);
              setZone(zone === "utc" ? "local" : "utc");
            }}
          >
            {zoned}
          </button>
          <Float
            label={`Calendar for ${label}`}
            open={open}
            onOpenChange={setOpen}
            trigger={
              <button
                type="button"
                aria-label={`Choose ${label} from a calendar`}
                className="flex size-6 items-center justify-center rounded-sm text-ink-2 hover:bg-hover"
              >
                <Calendar size={14} />
              </button>
            }
          >
            <MonthPage date={date} zone={zone} onPick={put} onDone={() => setOpen(false)} />
          </Float>
        </div>
      </div>
      {bad && !control["aria-invalid"] && <FieldError message={bad.message} />}
    </>
  );
}

const weekdays = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

type MonthPageProps = { date: Date | null; zone: Zone; onPick: (date: Date) => void; onDone: () => void };

function MonthPage({ date, zone, onPick, onDone }: MonthPageProps) {
  const [today] = useState(() => new Date());
  const now = parts(date ?? today, zone);
  const [page, setPage] = useState({ y: now.y, mo: now.mo });
  const title = new Intl.DateTimeFormat("en", { month: "long", year: "numeric" }).format(new Date(page.y, page.mo, 1));
  const chosen = date ? parts(date, zone) : null;

  function turn(by: number) {
    const next = new Date(page.y, page.mo + by, 1);
    setPage({ y: next.getFullYear(), mo: next.getMonth() });
  }
  function pick(y: number, mo: number, d: number) {
    const { h, mi, s, ms } = chosen ?? { h: 0, mi: 0, s: 0, ms: 0 };
    onPick(zone === "utc" ? new Date(Date.UTC(y, mo, d, h, mi, s, ms)) : new Date(y, mo, d, h, mi, s, ms));
    setPage({ y, mo });
  }
  function onKeyDown(event: KeyboardEvent) {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const from = chosen ?? now;
    const next = new Date(from.y, from.mo, from.d + step);
    pick(next.getFullYear(), next.getMonth(), next.getDate());
  }
  return (
    <div className="w-64 p-3">
      <div className="mb-2 flex items-center justify-between">
        <IconButton label="Previous month" small onClick={() => turn(-1)}>
          <ChevronLeft size={16} />
        </IconButton>
        <span aria-live="polite" className="font-semibold">
          {title}
        </span>
        <IconButton label="Next month" small onClick={() => turn(1)}>
          <ChevronRight size={16} />
        </IconButton>
      </div>
      <div className="tnum grid grid-cols-7 text-center" role="group" aria-label={title} onKeyDown={onKeyDown}>
        {weekdays.map((day) => (
          <span key={day} aria-hidden className="pb-1 text-xs text-ink-3">
            {day}
          </span>
        ))}
        {monthGrid(page.y, page.mo).map(({ y, mo, d, inside }) => {
          const on = chosen !== null && chosen.y === y && chosen.mo === mo && chosen.d === d;
          return (
            <button
              key={`${y}-${mo}-${d}`}
              type="button"
              aria-pressed={on}
              data-start={(y === now.y && mo === now.mo && d === now.d) || undefined}
              aria-label={new Date(y, mo, d).toDateString()}
              onClick={() => pick(y, mo, d)}
              className={cx(
                "h-8 rounded-sm",
                on ? "bg-accent font-semibold text-on-accent" : "hover:bg-hover",
                !inside && !on && "text-ink-3",
              )}
            >
              {d}
            </button>
          );
        })}
      </div>
      <div className="mt-2 flex justify-between">
        <Button size="sm" onClick={() => onPick(new Date())}>
          Now
        </Button>
        <Button size="sm" tone="primary" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  );
}
