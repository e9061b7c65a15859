/** So much of what is beside it is seen with it, in pixels. */
const margin = 8;

/**
 * Scrolls `list` just as far as one of its entries needs to be seen whole. The browser's own way would also let the first Tab go
 * on from that entry, past the beginning of the page.
 */
export function bringIntoSight(list: Element, entry: Element): void {
  const room = list.getBoundingClientRect();
  const { top, bottom } = entry.getBoundingClientRect();
  if (top < room.top) list.scrollTop -= room.top - top + margin;
  else if (bottom > room.bottom) list.scrollTop += bottom - room.bottom + margin;
}
