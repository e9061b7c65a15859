// Runs before the first paint: sets the theme, so that a dark page never flashes white, and asks for what the first screen
// shows while the program is still being read. Kept external because the policy forbids inline scripts.
(function () {
  // One level above this page, which a proxy may have put below a path; others may be below other paths.
  var server = new URL("..", location.href);
  function stored(key) {
    try {
      return localStorage.getItem(server.pathname === "/" ? key : key + "@" + server.pathname);
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
  function ask(path) {
    var answer = fetch(server.href.replace(/\/$/, "") + path, { headers: { Authorization: token } }).then(
      function (response) {
        return response.json().then(function (body) {
          return { status: response.status, body: body };
        });
      },
    );
    // Whoever asks for it deals with a refusal by asking again.
    answer.catch(function () {});
    return answer;
  }
  var early = { token: token, collections: ask("/api/collections?page=1&perPage=1000&skipTotal=1&sort=name") };
  // The rows this browser was last shown at this address: without it they wait for the schema and the program.
  try {
    var last = JSON.parse(stored("stead.first-rows") || "{}");
    if (last.hash === location.hash && /^\/api\/collections\/[^/]+\/records\?/.test(last.path))
      early.rows = { path: last.path, answer: ask(last.path) };
  } catch {
    // Nothing that could be read; they are asked for a little later.
  }
  early.prefs = ask("/api/stead/prefs");
  window.steadStart = early;
})();
