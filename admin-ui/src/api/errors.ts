import { ClientResponseError } from "pocketbase";
import { isObject } from "@/lib/assert";

export type UiError = {
  title: string;
  /** Messages by field path, e.g. `fields.0.name`. */
  fields: Record<string, string>;
  status: number;
  offline: boolean;
  /** What the log calls the request, from servers that say so. */
  requestId: string | null;
};

/** The one place that reads errors. Server messages are quoted, never replaced. */
export function toUiError(error: unknown): UiError {
  if (error instanceof ClientResponseError) {
    const offline = error.status === 0 && !error.isAbort;
    const message: unknown = error.response["message"];
    const said = typeof message === "string" && message !== "" ? message : `The server answered ${error.status}.`;
    const fields = flatten(error.response["data"]);
    const title = offline
      ? "The server can't be reached."
      : error.status === 429
        ? `${said} Wait a moment, then try again.`
        : said;
    const id: unknown = error.response["requestId"];
    return { title, fields, status: error.status, offline, requestId: typeof id === "string" ? id : null };
  }
  const title = error instanceof Error ? error.message : String(error);
  return { title, fields: {}, status: 0, offline: false, requestId: null };
}

/** For errors that belong to no form: all that the server said. */
export function inFull(error: unknown): string {
  const { title, fields } = toUiError(error);
  return [title, ...Object.values(fields)].join(" ");
}

export function isAborted(error: unknown): boolean {
  return error instanceof ClientResponseError && error.isAbort;
}

/** Nested error maps become flat paths: `{fields:{0:{name:{message}}}}` is `fields.0.name`. */
export function flatten(data: unknown, prefix = ""): Record<string, string> {
  const out: Record<string, string> = {};
  if (!isObject(data)) return out;
  for (const [key, value] of Object.entries(data)) {
    const path = prefix ? `${prefix}.${key}` : key;
    if (isObject(value) && typeof value["message"] === "string" && typeof value["code"] === "string") {
      out[path] = value["message"];
    } else {
      Object.assign(out, flatten(value, path));
    }
  }
  return out;
}
