/** As long as it waits for a quiet moment; then it is due. */
const patience = 300;

/** Runs what the first picture does without, once that picture has been painted. Answers how to call it off. */
export function afterPaint(run: () => void): () => void {
  let cancel = (): void => cancelAnimationFrame(frame);
  const frame = requestAnimationFrame(() => {
    if (typeof requestIdleCallback === "function") {
      const idle = requestIdleCallback(run, { timeout: patience });
      cancel = () => cancelIdleCallback(idle);
    } else {
      const timer = setTimeout(run, patience / 3);
      cancel = () => clearTimeout(timer);
    }
  });
  return () => cancel();
}
