import { shellQuoted } from "@/lib/shell";

/** The same request in five languages. Tokens never stand in it; a placeholder does. */
export type Call = {
  origin: string;
  collection: string;
  endpoint: string;
  method: string;
  path: string;
  id: string;
  query: Record<string, string>;
  body: unknown;
  signedIn: boolean;
};

export const languages = ["JS SDK", "Dart SDK", "cURL", "fetch", "Rust"] as const;
export type Language = (typeof languages)[number];

export function codeFor(language: Language, call: Call): string {
  switch (language) {
    case "JS SDK":
      return jsSdk(call);
    case "Dart SDK":
      return dartSdk(call);
    case "cURL":
      return curl(call);
    case "fetch":
      return fetchCode(call);
    default:
      return rust(call);
  }
}

function addressOf({ origin, path, query }: Call): string {
  const text = new URLSearchParams(query).toString();
  return `${origin}${path}${text === "" ? "" : `?${text}`}`;
}

/** Answered with 204 and no body: reading JSON would fail. */
const unanswered = new Set([
  "delete",
  "request-verification",
  "confirm-verification",
  "request-password-reset",
  "confirm-password-reset",
  "request-email-change",
  "confirm-email-change",
]);

/** Methods of both SDKs with the members of the body they take. They keep the token, which a plain request does not. */
const methods: Record<string, [name: string, ...members: string[]]> = {
  "auth-with-password": ["authWithPassword", "identity", "password"],
  "request-otp": ["requestOTP", "email"],
  "auth-with-otp": ["authWithOTP", "otpId", "password"],
  "auth-refresh": ["authRefresh"],
  "request-verification": ["requestVerification", "email"],
  "confirm-verification": ["confirmVerification", "token"],
  "request-password-reset": ["requestPasswordReset", "email"],
  "confirm-password-reset": ["confirmPasswordReset", "token", "password", "passwordConfirm"],
  "request-email-change": ["requestEmailChange", "newEmail"],
  "confirm-email-change": ["confirmEmailChange", "token", "password"],
};

/** Name and arguments of the method for an endpoint, if it says everything that the body does. */
function methodFor({ endpoint, body }: Call): { name: string; values: string[] } | null {
  const [name, ...members] = methods[endpoint] ?? [];
  if (name === undefined) return null;
  const sent: unknown = body ?? {};
  if (typeof sent !== "object" || sent === null || Array.isArray(sent)) return null;
  const all = Object.entries(sent);
  const texts = members.flatMap((member) => {
    const found: [string, unknown] | undefined = all.find(([key]) => key === member);
    return typeof found?.[1] === "string" ? [found[1]] : [];
  });
  return texts.length === members.length && all.length === members.length ? { name, values: texts } : null;
}

const json = (value: unknown, indent = 2) => JSON.stringify(value, null, indent);

function options(query: Record<string, string>, skip: string[] = []): string {
  const entries = Object.entries(query).filter(([name]) => !skip.includes(name));
  return entries.length === 0 ? "" : `, ${json(Object.fromEntries(entries))}`;
}

function jsSdk(call: Call): string {
  const { origin, collection, endpoint, id, query, body } = call;
  const head = `import PocketBase from "pocketbase";\n\nconst pb = new PocketBase(${json(origin)});\n${call.signedIn ? 'pb.authStore.save("YOUR_TOKEN");\n' : ""}\n`;
  const records = `pb.collection(${json(collection)})`;
  const calls: Record<string, string> = {
    list: `const page = await ${records}.getList(${whole(query["page"], 1)}, ${whole(query["perPage"], 30)}${options(query, ["page", "perPage"])});`,
    view: `const record = await ${records}.getOne(${json(id)}${options(query)});`,
    create: `const record = await ${records}.create(${json(body)}${options(query)});`,
    update: `const record = await ${records}.update(${json(id)}, ${json(body)}${options(query)});`,
    delete: `await ${records}.delete(${json(id)});`,
    "auth-methods": `const methods = await ${records}.listAuthMethods();`,
  };
  const method = methodFor(call);
  if (method !== null) {
    const more = options(query).slice(2);
    const given = [...method.values.map((value) => json(value)), ...(more === "" ? [] : [more])].join(", ");
    return `${head}${unanswered.has(endpoint) ? "" : "const answer = "}await ${records}.${method.name}(${given});`;
  }
  const asked = Object.keys(query).length === 0 ? "" : `\n  query: ${json(query)},`;
  const other = `const answer = await pb.send(${json(call.path)}, {\n  method: ${json(call.method)},${body === undefined ? "" : `\n  body: ${json(body)},`}${asked}\n});`;
  return head + (calls[endpoint] ?? other);
}

function dartSdk(call: Call): string {
  const { origin, collection, endpoint, id, query, body } = call;
  const head = `import 'package:pocketbase/pocketbase.dart';\n\nfinal pb = PocketBase(${dart(origin)});\n${call.signedIn ? "pb.authStore.save('YOUR_TOKEN', null);\n" : ""}\n`;
  const records = `pb.collection(${dart(collection)})`;
  const named = Object.entries(query)
    .filter(([name]) => ["filter", "sort", "expand", "fields"].includes(name))
    .map(([name, value]) => `, ${name}: ${dart(value)}`)
    .join("");
  // In double quotes a `$` begins an expression.
  const sent = `body: ${json(body)?.replaceAll("$", "\\$")}`;
  const calls: Record<string, string> = {
    list: `final page = await ${records}.getList(page: ${whole(query["page"], 1)}, perPage: ${whole(query["perPage"], 30)}${named});`,
    view: `final record = await ${records}.getOne(${dart(id)}${named});`,
    create: `final record = await ${records}.create(${sent}${named});`,
    update: `final record = await ${records}.update(${dart(id)}, ${sent}${named});`,
    delete: `await ${records}.delete(${dart(id)});`,
    "auth-methods": `final methods = await ${records}.listAuthMethods();`,
  };
  const method = methodFor(call);
  if (method !== null) {
    const given = `${method.values.map(dart).join(", ")}${named}`.replace(/^, /, "");
    return `${head}${unanswered.has(endpoint) ? "" : "final answer = "}await ${records}.${method.name}(${given});`;
  }
  const other = `final answer = await pb.send(${dart(call.path)}, method: ${dart(call.method)}${body === undefined ? "" : `, ${sent}`});`;
  return head + (calls[endpoint] ?? other);
}

/** What is no number is what the server takes it for: not given. */
function whole(text: string | undefined, otherwise: number): number {
  return /^[1-9]\d{0,8}$/.test(text ?? "") ? Number(text) : otherwise;
}

function dart(text: string): string {
  return `'${text.replace(/[\\'$]/g, "\\$&")}'`;
}

function curl(call: Call): string {
  const lines = [`curl ${call.method === "GET" ? "" : `-X ${call.method} `}${shellQuoted(addressOf(call))}`];
  if (call.signedIn) lines.push("-H 'Authorization: YOUR_TOKEN'");
  if (call.body !== undefined)
    lines.push("-H 'Content-Type: application/json'", `-d ${shellQuoted(json(call.body, 0))}`);
  return lines.join(" \\\n  ");
}

function fetchCode(call: Call): string {
  const headers = {
    ...(call.signedIn ? { Authorization: "YOUR_TOKEN" } : {}),
    ...(call.body === undefined ? {} : { "Content-Type": "application/json" }),
  };
  const init = [
    call.method === "GET" ? "" : `  method: ${json(call.method)},`,
    Object.keys(headers).length === 0 ? "" : `  headers: ${JSON.stringify(headers)},`,
    call.body === undefined ? "" : `  body: JSON.stringify(${json(call.body)}),`,
  ].filter((line) => line !== "");
  const second = init.length === 0 ? "" : `, {\n${init.join("\n")}\n}`;
  const answer = unanswered.has(call.endpoint)
    ? 'if (!response.ok) throw new Error("HTTP " + response.status);'
    : "const data = await response.json();";
  return `const response = await fetch(${json(addressOf(call))}${second});\n${answer}`;
}

function rust(call: Call): string {
  const steps = [`.request(reqwest::Method::${call.method}, ${json(`${call.origin}${call.path}`)})`];
  const query = Object.entries(call.query);
  if (query.length > 0)
    steps.push(`.query(&[${query.map(([name, value]) => `(${json(name)}, ${json(value)})`).join(", ")}])`);
  if (call.signedIn) steps.push('.header("Authorization", "YOUR_TOKEN")');
  if (call.body !== undefined) steps.push(`.json(&serde_json::json!(${json(call.body)}))`);
  const request = `reqwest::Client::new()\n    ${steps.join("\n    ")}\n    .send()\n    .await?`;
  return unanswered.has(call.endpoint)
    ? `${request}\n    .error_for_status()?;`
    : `let answer: serde_json::Value = ${request}\n    .json()\n    .await?;`;
}
