/**
 * Puts the product's sign on the browser's tab. The page begins with an empty one: a browser draws the sign where it draws
 * the page, and keeps the first rows waiting for that.
 */
export function showIcon(): void {
  document.querySelector("link[rel=icon]")?.setAttribute("href", `${import.meta.env.BASE_URL}icon.svg`);
}
