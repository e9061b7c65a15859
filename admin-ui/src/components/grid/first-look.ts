import { elementScroll, type Rect, type Virtualizer } from "@tanstack/react-virtual";
import { afterPaint } from "@/lib/after-paint";

/**
 * How a table learns of its place and size without asking for them while it is being drawn. The first picture would be laid
 * out for the answer, drawn again because of it, and laid out again.
 */
type Looker = Virtualizer<HTMLDivElement, Element>;

/** The browser tells the size after each layout. Unless there is more room than was drawn for, the first time can wait. */
export function sizeAsLaidOut(looker: Looker, tell: (rect: Rect) => void): (() => void) | undefined {
  const box = looker.scrollElement;
  if (!box) return undefined;
  const { initialRect } = looker.options;
  const read = () => tell({ width: box.offsetWidth, height: box.offsetHeight });
  let callOff: (() => void) | null = null;
  let first = true;
  const observer = new ResizeObserver(() => {
    callOff?.();
    callOff = null;
    if (first && box.offsetWidth <= initialRect.width && box.offsetHeight <= initialRect.height)
      callOff = afterPaint(read);
    else read();
    first = false;
  });
  observer.observe(box);
  return () => {
    callOff?.();
    observer.disconnect();
  };
}

const placed = new WeakSet<Looker>();

/** A new box is where it begins: it need not be sent there. */
export function scrollUnlessNew(offset: number, options: Parameters<typeof elementScroll>[1], looker: Looker): void {
  const isNew = !placed.has(looker);
  placed.add(looker);
  if (isNew && offset === 0) return;
  elementScroll(offset, options, looker);
}
