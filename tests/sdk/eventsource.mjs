// As much of a browser's EventSource as the SDK uses; node 20 has none.
export class EventSource {
  #listeners = new Map();
  #stop = new AbortController();

  constructor(url) {
    this.#read(url).catch(() => {}).finally(() => {
      if (!this.#stop.signal.aborted) this.onerror?.({});
    });
  }

  addEventListener(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    this.#listeners.get(name).add(listener);
  }

  removeEventListener(name, listener) {
    this.#listeners.get(name)?.delete(listener);
  }

  close() {
    this.#stop.abort();
  }

  async #read(url) {
    const answer = await fetch(url, { signal: this.#stop.signal, headers: { Accept: "text/event-stream" } });
    let waiting = "";
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      waiting += chunk;
      for (let end; (end = waiting.indexOf("\n\n")) >= 0; waiting = waiting.slice(end + 2)) {
        this.#dispatch(waiting.slice(0, end));
      }
    }
  }

  #dispatch(block) {
    const event = { type: "message", data: "", lastEventId: "" };
    for (const line of block.split("\n")) {
      const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (field === "event") event.type = value;
      if (field === "data") event.data = value;
      if (field === "id") event.lastEventId = value;
    }
    if (event.data) for (const listener of [...(this.#listeners.get(event.type) ?? [])]) listener(event);
  }
}
