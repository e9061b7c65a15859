// A sign-in service with an authorization page, codes that work once, PKCE, and tokens signed with RSA. Browsers get a page
// that asks whether to go on; whoever cannot read pages is sent back at once.
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer } from "node:http";

const base64url = (value) => Buffer.from(value).toString("base64url");

/** Resolves to `{ url, person, stop }`; `person` is who is signed in at the service. */
export async function startProvider({ clientId, clientSecret }) {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const codes = new Map();
  const provider = { person: { sub: "ada", email: "ada@example.com" } };

  const idToken = (claims) => {
    const head = base64url(JSON.stringify({ alg: "RS256", typ: "JWT", kid: "main" }));
    const body = base64url(JSON.stringify(claims));
    return `${head}.${body}.${sign("RSA-SHA256", Buffer.from(`${head}.${body}`), privateKey).toString("base64url")}`;
  };

  const ask = (url, response) => {
    const answer = (word) => `${url.pathname}${url.search}&answer=${word}`.replaceAll("&", "&amp;");
    const page = `<!doctype html><title>House</title><h1>${provider.person.name ?? provider.person.sub}</h1>
      <a href="${answer("yes")}">Allow</a> <a href="${answer("no")}">Deny</a>`;
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);
  };

  const authorize = (query, response) => {
    if (query.get("client_id") !== clientId || query.get("response_type") !== "code") return response.writeHead(400).end();
    if (query.get("answer") === "no") {
      const target = new URL(query.get("redirect_uri"));
      target.searchParams.set("state", query.get("state"));
      target.searchParams.set("error", "access_denied");
      return response.writeHead(302, { location: target.href }).end();
    }
    const code = randomBytes(16).toString("hex");
    codes.set(code, {
      challenge: query.get("code_challenge"),
      redirect: query.get("redirect_uri"),
      person: provider.person,
    });
    const target = new URL(query.get("redirect_uri"));
    target.searchParams.set("state", query.get("state"));
    target.searchParams.set("code", code);
    response.writeHead(302, { location: target.href }).end();
  };

  const exchange = (form, authorization, response) => {
    const known = codes.get(form.get("code"));
    codes.delete(form.get("code"));
    const credentials = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
    const proof = base64url(createHash("sha256").update(form.get("code_verifier") ?? "").digest());
    const accepted =
      known &&
      authorization === credentials &&
      known.redirect === form.get("redirect_uri") &&
      known.challenge === proof;
    response.writeHead(accepted ? 200 : 400, { "content-type": "application/json" });
    if (!accepted) return response.end(JSON.stringify({ error: "invalid_grant" }));
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: provider.url, aud: clientId, iat: now, exp: now + 60, email_verified: true, ...known.person };
    response.end(JSON.stringify({ access_token: "at", token_type: "bearer", id_token: idToken(claims) }));
  };

  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    if (url.pathname === "/authorize") {
      const isUndecided = !url.searchParams.has("answer") && request.headers.accept?.includes("text/html");
      return isUndecided ? ask(url, response) : authorize(url.searchParams, response);
    }
    if (url.pathname === "/keys") {
      const key = { ...publicKey.export({ format: "jwk" }), kid: "main", alg: "RS256", use: "sig" };
      return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: [key] }));
    }
    if (url.pathname === "/token") {
      let body = "";
      for await (const chunk of request) body += chunk;
      return exchange(new URLSearchParams(body), request.headers.authorization, response);
    }
    response.writeHead(404).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  provider.url = `http://127.0.0.1:${server.address().port}`;
  provider.stop = () => new Promise((resolve) => (server.close(resolve), server.closeAllConnections()));
  return provider;
}

/** What a collection of users says to offer the provider. */
export const offered = (client, { url }) => ({
  oauth2: {
    enabled: true,
    mappedFields: { name: "name" },
    providers: [
      {
        name: "oidc",
        displayName: "House",
        ...client,
        authURL: `${url}/authorize`,
        tokenURL: `${url}/token`,
        extra: { jwksURL: `${url}/keys`, issuers: [url] },
      },
    ],
  },
});
