type Typed = { text: string; enter: boolean };

/** A text box that has not come by then won't. */
const patience = 10_000;

let kept: Typed | null = null;
let timer = 0;

function onKeyDown(event: KeyboardEvent): void {
  if (!kept || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key === "Escape") {
    takeTyped();
    return;
  }
  if (event.key === "Enter") kept.enter = true;
  else if (event.key === "Backspace") kept.text = kept.text.slice(0, -1);
  else if (event.key.length === 1) kept.text += event.key;
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** From now on, what is typed is for a text box that is still on its way. */
export function keepTyped(): void {
  if (kept) return;
  kept = { text: "", enter: false };
  document.addEventListener("keydown", onKeyDown, true);
  timer = window.setTimeout(takeTyped, patience);
}

/** The text box is there: what was typed meanwhile. */
export function takeTyped(): Typed {
  const typed = kept ?? { text: "", enter: false };
  kept = null;
  document.removeEventListener("keydown", onKeyDown, true);
  window.clearTimeout(timer);
  return typed;
}
