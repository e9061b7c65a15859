/** Looks now, and whenever a box shows another part of what is in it. Ends with the function it gives back. */
export function watchSeen(box: HTMLElement, look: () => void): () => void {
  look();
  const resized = new ResizeObserver(look);
  resized.observe(box);
  box.addEventListener("scroll", look, { passive: true });
  return () => {
    resized.disconnect();
    box.removeEventListener("scroll", look);
  };
}
