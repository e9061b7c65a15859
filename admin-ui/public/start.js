// Runs before the first paint: sets the theme, so that a dark page never flashes white, and asks for the schema while the
// program is still being read. Kept external because the policy forbids inline scripts.
(function () {
  function stored(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      // Private windows may refuse; what follows has an answer for that.
      return null;
    }
  }
  var choice = stored("stead.theme") || "system";
  var dark = choice === "dark" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";

  var token = "";
  try {
    token = JSON.parse(stored("stead.superuser") || "{}").token || "";
  } catch {
    // No session that could be read; the sign-in page comes.
  }
  if (!token) return;
  // The outline of what comes, drawn by the style sheet until the page is there.
  document.documentElement.dataset.start = /^#\/collections\/[^/?]+/.test(location.hash) ? "table" : "page";
  var collections = fetch("/api/collections?page=1&perPage=1000&skipTotal=1&sort=name", {
    headers: { Authorization: token },
  }).then(function (response) {
    return response.ok ? response.json() : Promise.reject(new Error("refused"));
  });
  // Whoever asks for it deals with a refusal by asking again.
  collections.catch(function () {});
  window.steadStart = { token: token, collections: collections };
})();
