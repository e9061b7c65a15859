let scale = 0;

/** How much larger than usual people want their text; what is measured in pixels by the program grows with it. */
export function textScale(): number {
  if (scale === 0) scale = (Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16) / 16;
  return scale;
}
