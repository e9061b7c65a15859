import type { Collection, Field } from "@/api/types";

export type Endpoint = {
  id: string;
  title: string;
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** `{id}` stands for a record. */
  path: string;
  about: string;
  query: string[];
  body: Record<string, unknown> | null;
};

const reading = ["expand", "fields"];

/** Everything a client can ask of a collection, with its real names. */
export function endpointsOf(collection: Collection): Endpoint[] {
  const base = `/api/collections/${collection.name}`;
  const list: Endpoint = {
    id: "list",
    title: "List",
    method: "GET",
    path: `${base}/records`,
    about: "Records that the list rule lets through, page by page.",
    query: ["filter", "sort", "page", "perPage", "skipTotal", ...reading],
    body: null,
  };
  const view: Endpoint = {
    id: "view",
    title: "View",
    method: "GET",
    path: `${base}/records/{id}`,
    about: "One record, if the view rule lets it through; else 404.",
    query: reading,
    body: null,
  };
  if (collection.type === "view") return [list, view];
  const body = sampleBody(collection);
  const out: Endpoint[] = [
    list,
    view,
    {
      id: "create",
      title: "Create",
      method: "POST",
      path: `${base}/records`,
      about: "A new record, if the create rule accepts it.",
      query: reading,
      body,
    },
    {
      id: "update",
      title: "Update",
      method: "PATCH",
      path: `${base}/records/{id}`,
      about: "Only the members that are sent change.",
      query: reading,
      body: firstOf(body),
    },
    {
      id: "delete",
      title: "Delete",
      method: "DELETE",
      path: `${base}/records/{id}`,
      about: "The record and its files.",
      query: [],
      body: null,
    },
    {
      id: "batch",
      title: "Batch",
      method: "POST",
      path: "/api/batch",
      about: "Several writes in one transaction. Has to be allowed in the settings.",
      query: [],
      body: { requests: [{ method: "POST", url: `${base}/records`, body }] },
    },
  ];
  return collection.type === "auth" ? [...out, ...authEndpoints(collection, base)] : out;
}

function authEndpoints(collection: Collection, base: string): Endpoint[] {
  const post = (id: string, title: string, about: string, body: Record<string, unknown> | null): Endpoint => ({
    id,
    title,
    method: "POST",
    path: `${base}/${id}`,
    about,
    query: id.startsWith("auth-") ? reading : [],
    body,
  });
  const identity = collection.passwordAuth?.identityFields[0] ?? "email";
  const sample = identity === "email" ? "user@example.com" : "user";
  return [
    {
      id: "auth-methods",
      title: "Ways to sign in",
      method: "GET",
      path: `${base}/auth-methods`,
      about: "What is switched on, with addresses of OAuth2 services.",
      query: [],
      body: null,
    },
    post("auth-with-password", "Sign in with password", "A token and the record.", { identity: sample, password: "" }),
    post("auth-with-oauth2", "Sign in with OAuth2", "With the code a service gave.", {
      provider: "",
      code: "",
      codeVerifier: "",
      redirectURL: "",
    }),
    post("request-otp", "Ask for a code", "Mails a one-time code.", { email: "user@example.com" }),
    post("auth-with-otp", "Sign in with a code", "With the code from the mail.", { otpId: "", password: "" }),
    post("auth-refresh", "Refresh", "A new token for the one that is sent.", null),
    post("request-verification", "Ask for verification", "Mails a link.", { email: "user@example.com" }),
    post("confirm-verification", "Confirm verification", "With the token from the link.", { token: "" }),
    post("request-password-reset", "Ask for a new password", "Mails a link.", { email: "user@example.com" }),
    post("confirm-password-reset", "Set a new password", "With the token from the link.", {
      token: "",
      password: "",
      passwordConfirm: "",
    }),
    post("request-email-change", "Ask for an e-mail change", "Mails a link to the new address.", {
      newEmail: "new@example.com",
    }),
    post("confirm-email-change", "Confirm an e-mail change", "With the token from the link.", {
      token: "",
      password: "",
    }),
  ];
}

function sampleBody(collection: Collection): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const field of collection.fields) {
    if (field.name === "id" || field.type === "autodate" || field.type === "file" || field.name === "tokenKey")
      continue;
    if (field.system && field.hidden && field.type !== "password") continue;
    out[field.name] = sampleValue(field);
    if (field.type === "password" && field.system) out["passwordConfirm"] = out[field.name];
  }
  return out;
}

function firstOf(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(body)
      .filter(([name]) => !/password/i.test(name))
      .slice(0, 1),
  );
}

function sampleValue(field: Field): unknown {
  switch (field.type) {
    case "number":
      return Math.max(1, field.min ?? 1);
    case "bool":
      return true;
    case "email":
      return "user@example.com";
    case "url":
      return "https://example.com";
    case "editor":
      return "<p>Text</p>";
    case "date":
      return "2026-01-01 10:00:00.000Z";
    case "select":
      return field.maxSelect > 1 ? field.values.slice(0, 1) : (field.values[0] ?? "");
    case "relation":
      return field.maxSelect > 1 ? [] : "";
    case "json":
      return {};
    case "geoPoint":
      return { lon: 0, lat: 0 };
    case "password":
      return "a good password";
    default:
      return field.name;
  }
}
