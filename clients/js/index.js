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
      // In the options so that the events carry their numbers; the moving number is added by `beforeSend`.
      const query = { ...options.query, since: start };
      const name = subscriptionName(`${collection}/${topic}`, { ...options, query });
      const isShared = cursors.has(name);
      if (!isShared) cursors.set(name, start);
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
      const stop = await pb.collection(collection).subscribe(topic, told, { ...options, query });
      return async () => {
        await stop();
        if (!isShared) cursors.delete(name);
      };
    },
  };
}

// The name under which the SDK submits a subscription; its events come back under it.
function subscriptionName(topic, { query, headers }) {
  const options = encodeURIComponent(JSON.stringify({ query, headers }));
  return `${topic}${topic.includes("?") ? "&" : "?"}options=${options}`;
}
