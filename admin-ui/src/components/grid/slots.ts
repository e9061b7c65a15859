import type { VirtualItem } from "@tanstack/react-virtual";

/** So many rows from one on, as far as there are any. */
export function rangeOf(start: number, length: number, count: number): number[] {
  const from = Math.max(0, Math.min(start, count - length));
  return Array.from({ length: Math.min(length, count - from) }, (_, at) => from + at);
}

/**
 * Which element a row is drawn with. Rows that scroll in take over the elements of those that scrolled out, which costs the
 * browser a fraction of making new ones, and keep them as long as they are drawn. So the elements are not in the order of the
 * rows; `order` tells those who read them one after the other.
 */
export class Slots {
  readonly items: VirtualItem[];

  constructor(
    private readonly prefix: string,
    private readonly drawn: VirtualItem[],
    private readonly count: number,
  ) {
    this.count = Math.max(count, drawn.length);
    this.items = drawn.toSorted((a, b) => this.of(a.index) - this.of(b.index));
  }

  of(index: number): number {
    return index % this.count;
  }

  id(index: number): string {
    return `${this.prefix}${this.of(index)}`;
  }

  /** The ids in the order of the rows, where that is another one. */
  order(): string | undefined {
    const same = this.drawn.every((item, at) => item === this.items[at]);
    return same ? undefined : this.drawn.map((item) => this.id(item.index)).join(" ");
  }
}
