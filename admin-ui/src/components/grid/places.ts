type Place = { top: number; left: number };

const most = 40;
/** What is drawn after going back is drawn by then. */
const patience = 3000;

const places = new Map<string, Place>();
let wentBack = Number.NEGATIVE_INFINITY;
window.addEventListener("popstate", () => {
  wentBack = performance.now();
});

/** Where a list was left. */
export function leavePlace(list: string, place: Place): void {
  places.delete(list);
  places.set(list, place);
  const [oldest] = places.keys();
  if (places.size > most && oldest !== undefined) places.delete(oldest);
}

/** Where a list goes on for somebody who comes back to it; others begin at its start. */
export function placeOf(list: string): Place {
  const back = performance.now() - wentBack < patience ? places.get(list) : undefined;
  return back ?? { top: 0, left: 0 };
}
