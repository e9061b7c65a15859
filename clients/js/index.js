// Keeps, for each realtime subscription, the number of the last change it was told about, and sends it along whenever
// the SDK subscribes again. The server then tells what was missed before it goes on with live events.

/** Adds resumable subscriptions to a PocketBase client that talks to Stead. */
export function resumable(pb) {
  // The SDK's name of a subscription -> the last change it was told about.
  const cursors = new Map();

  const before = pb.beforeSend;
  pb.beforeSend = async (url, options) => {
    const sent = (await before?.(url, options)) ?? { url, options };
    const request = sent.options ?? options;
    const body = request.body;
    const isSubmission = request.method === "POST" && Array.isArray(body?.subscriptions) && "clientId" in body;
    if (!isSubmission) return sent;
    const since = {};
    for (const name of body.subscriptions) {
      if (cursors.has(name)) since[name] = cursors.get(name);
    }
    return { ...sent, options: { ...request, body: { ...body, since } } };
  };

  /** Where the server's log ends now. */
  const newest = async () => (await pb.send("/api/stead/changes", { method: "GET", requestKey: null })).seq;

  return {
    newest,

    /**
     * Like `pb.collection(collection).subscribe`, from the change `since` on, or from now. `onResync` is called when the
     * server no longer knows what was missed: read everything anew. Resolves to a function that unsubscribes.
     */
    async subscribe(collection, topic, callback, { since, onResync, onSeen, ...options } = {}) {
      const start = since ?? (await newest());
      const { query, headers } = asked(options);
      // In the options so that the events carry their numbers; the moving number is added by `beforeSend`. The SDK submits
      // equal subscriptions once, and the second would miss the past of the first: spaces, which the server reads past, keep
      // them apart.
      let name;
      for (query.since = String(start); ; query.since += " ") {
        name = subscriptionName(`${collection}/${topic}`, { query, headers });
        if (!cursors.has(name)) break;
      }
      cursors.set(name, start);
      let last = start;
      const told = (event) => {
        if (event.action === "resync") {
          last = event.seq;
        } else if (event.seq <= last) {
          return;
        }
        last = Math.max(last, event.seq);
        cursors.set(name, last);
        if (event.action === "resync") onResync?.(event);
        else callback(event);
        onSeen?.(last);
      };
      const stop = await pb.collection(collection).subscribe(topic, told, { query, headers });
      return async () => {
        await stop();
        cursors.delete(name);
      };
    },
  };
}

// What the server is asked with. Whatever else stands in the options is part of the query, as with the SDK, which would
// otherwise move it there only after the name is made.
function asked({ query, headers, ...others }) {
  for (const name of ABOUT_REQUESTS) delete others[name];
  return { query: { ...others, ...query }, headers };
}

// Options of requests; a subscription is none of its own.
const ABOUT_REQUESTS = [
  "body",
  "cache",
  "credentials",
  "fetch",
  "integrity",
  "keepalive",
  "method",
  "mode",
  "params",
  "priority",
  "redirect",
  "referrer",
  "referrerPolicy",
  "requestKey",
  "signal",
  "window",
  "$autoCancel",
  "$cancelKey",
];

// The name under which the SDK submits a subscription; its events come back under it.
function subscriptionName(topic, { query, headers }) {
  const options = encodeURIComponent(JSON.stringify({ query, headers }));
  return `${topic}${topic.includes("?") ? "&" : "?"}options=${options}`;
}
