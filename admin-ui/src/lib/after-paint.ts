/** As long as it waits for a quiet moment; then it is due. */
const patience = 300;

/**
 * Runs what the first picture does without, once that picture is on the screen: a frame asks for work before it is painted,
 * so the one after it is waited for. Answers how to call it off.
 */
export function afterPaint(run: () => void): () => void {
  let cancel = (): void => cancelAnimationFrame(frame);
  let frame = requestAnimationFrame(() => {
    frame = requestAnimationFrame(quiet);
  });
  function quiet() {
    if (typeof requestIdleCallback === "function") {
      const idle = requestIdleCallback(run, { timeout: patience });
      cancel = () => cancelIdleCallback(idle);
    } else {
      const timer = setTimeout(run, patience / 3);
      cancel = () => clearTimeout(timer);
    }
  }
  return () => cancel();
}
