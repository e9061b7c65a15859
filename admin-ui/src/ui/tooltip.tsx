import { cloneElement, type FocusEvent, type PointerEvent, type ReactElement, type ReactNode } from "react";
import { createStore } from "@/lib/store";

export type TipSide = "top" | "right" | "bottom" | "left";
export type ShownTip = { target: HTMLElement; text: ReactNode; keys: string; side: TipSide };

/** The one tooltip there is at a time; `TipHost` shows it. */
export const shownTip = createStore<ShownTip | null>(null);

const delayMs = 400;
/** From one button to the next there is no need to wait again. */
const warmMs = 300;
let timer: ReturnType<typeof setTimeout> | undefined;
let hiddenAt = 0;

/** What has gone says nothing, nor does what opened a menu: its name would lie over that, and take its Escape key. */
export function isSilent(target: Element): boolean {
  return !target.isConnected || target.matches("[aria-haspopup][aria-expanded=true]");
}

function show(tip: ShownTip, wait: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => !isSilent(tip.target) && shownTip.set(tip), wait);
}

function hide(): void {
  hiddenAt = Date.now();
  shownTip.set(null);
}

/**
 * With a moment to get onto the tooltip itself, or at once: a tooltip takes the Escape key, which is meant for what lies below
 * as soon as the focus has moved on.
 */
export function hideTip(wait: number): void {
  clearTimeout(timer);
  if (shownTip.get() === null) return;
  if (wait === 0) hide();
  else timer = setTimeout(hide, wait);
}

export function keepTip(): void {
  clearTimeout(timer);
}

type Target = {
  onPointerEnter?: (event: PointerEvent<HTMLElement>) => void;
  onPointerLeave?: (event: PointerEvent<HTMLElement>) => void;
  onPointerDown?: (event: PointerEvent<HTMLElement>) => void;
  onFocus?: (event: FocusEvent<HTMLElement>) => void;
  onBlur?: (event: FocusEvent<HTMLElement>) => void;
};
type TipProps = { text: ReactNode; keys?: string; side?: TipSide; children: ReactElement<Target> };

/** Names what it is around on hover and on focus. Costs five listeners until then. */
export function Tip({ text, keys = "", side = "bottom", children }: TipProps) {
  const own = children.props;
  const tip = (target: HTMLElement): ShownTip => ({ target, text, keys, side });
  return cloneElement(children, {
    onPointerEnter: (event) => {
      own.onPointerEnter?.(event);
      if (event.pointerType === "touch") return;
      const warm = shownTip.get() !== null || Date.now() - hiddenAt < warmMs;
      show(tip(event.currentTarget), warm ? 0 : delayMs);
    },
    onPointerLeave: (event) => {
      own.onPointerLeave?.(event);
      hideTip(80);
    },
    onPointerDown: (event) => {
      own.onPointerDown?.(event);
      hideTip(0);
    },
    onFocus: (event) => {
      own.onFocus?.(event);
      if (event.currentTarget.matches(":focus-visible")) show(tip(event.currentTarget), 0);
    },
    onBlur: (event) => {
      own.onBlur?.(event);
      hideTip(0);
    },
  });
}
