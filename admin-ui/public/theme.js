// Runs before the first paint, so a dark page never flashes white. Kept external because the policy forbids inline scripts.
(function () {
  var choice = "system";
  try {
    choice = localStorage.getItem("stead.theme") || "system";
  } catch {
    // Private windows may refuse; the system decides then.
  }
  var dark = choice === "dark" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
