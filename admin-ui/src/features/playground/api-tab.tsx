import { useMutation } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { useState } from "react";
import { serverUrl } from "@/api/client";
import { inFull } from "@/api/errors";
import { tryRequest, type Identity } from "@/api/playground";
import type { Collection } from "@/api/types";
import { CodeArea } from "@/components/code-area";
import { useCarefulSave } from "@/components/environment";
import { TextRow } from "@/components/form-parts";
import { cx } from "@/lib/cx";
import { complete } from "@/lib/expr/complete";
import { checkJson } from "@/lib/json";
import { createStore } from "@/lib/store";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";
import type { Call } from "./code";
import { CodeTabs } from "./code-tabs";
import { endpointsOf, type Endpoint } from "./endpoints";
import { IdentityPicker } from "@/components/identity";
import { ResponseView } from "./response";
import { Watcher } from "./watcher";

/** Where mistakes are dear, the first request that changes something is asked about. */
const agreed = createStore(false);

const tones = { GET: "ok", POST: "accent", PATCH: "warn", DELETE: "danger" } as const;

/** What a client can ask of this collection: described, tried out, and written down as code. */
export function ApiTab({ collection }: { collection: Collection }) {
  const endpoints = endpointsOf(collection);
  const [chosen, setChosen] = useState("list");
  const [identity, setIdentity] = useState<Identity>({ kind: "superuser" });
  const endpoint = endpoints.find((candidate) => candidate.id === chosen);
  const realtime = collection.type !== "view";
  return (
    <section aria-label="API playground" className="mx-auto flex w-full max-w-[1200px] gap-6 px-4 py-6 max-lg:flex-col">
      <nav aria-label="Endpoints" className="w-52 shrink-0 max-lg:w-full">
        <select
          aria-label="Endpoint"
          className="control lg:hidden"
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
        >
          {endpoints.map((item) => (
            <option key={item.id} value={item.id}>
              {item.method} {item.title}
            </option>
          ))}
          {realtime && <option value="realtime">Realtime</option>}
        </select>
        <ul className="flex flex-col gap-0.5 max-lg:hidden">
          {endpoints.map((item) => (
            <li key={item.id}>
              <EndpointButton
                current={item.id === chosen}
                onClick={() => setChosen(item.id)}
                badge={<Badge tone={tones[item.method]}>{item.method}</Badge>}
                title={item.title}
              />
            </li>
          ))}
          {realtime && (
            <li>
              <EndpointButton
                current={chosen === "realtime"}
                onClick={() => setChosen("realtime")}
                badge={<Badge>SSE</Badge>}
                title="Realtime"
              />
            </li>
          )}
        </ul>
      </nav>
      <div className="min-w-0 flex-1">
        {endpoint ? (
          <Trial
            key={endpoint.id}
            collection={collection}
            endpoint={endpoint}
            identity={identity}
            onIdentity={setIdentity}
          />
        ) : (
          <Watcher collection={collection} />
        )}
      </div>
    </section>
  );
}

type EndpointButtonProps = { current: boolean; onClick: () => void; badge: React.ReactNode; title: string };

function EndpointButton({ current, onClick, badge, title }: EndpointButtonProps) {
  return (
    <button
      type="button"
      aria-pressed={current}
      onClick={onClick}
      className={cx(
        "flex min-h-8 w-full items-center gap-2 rounded-sm px-2 text-start pointer-coarse:min-h-11",
        current ? "bg-selected font-medium text-ink" : "text-ink-2 hover:bg-hover hover:text-ink",
      )}
    >
      {badge}
      {title}
    </button>
  );
}

type TrialProps = {
  collection: Collection;
  endpoint: Endpoint;
  identity: Identity;
  onIdentity: (identity: Identity) => void;
};

function Trial({ collection, endpoint, identity, onIdentity }: TrialProps) {
  const [id, setId] = useState("");
  const [query, setQuery] = useState<Record<string, string>>({});
  const [text, setText] = useState(endpoint.body ? JSON.stringify(endpoint.body, null, 2) : "");
  const body = checkJson(text);
  const needsId = endpoint.path.includes("{id}");
  const path = endpoint.path.replace("{id}", encodeURIComponent(id.trim()));
  const used = Object.fromEntries(Object.entries(query).filter(([, value]) => value.trim() !== ""));
  const sent = endpoint.body && body.ok ? body.value : undefined;
  const careful = useCarefulSave();
  async function trySending() {
    if (endpoint.method !== "GET" && !agreed.get()) {
      if (!(await careful("Send request"))) return;
      agreed.set(true);
    }
    send.mutate();
  }
  const send = useMutation({ mutationFn: () => tryRequest(identity, endpoint.method, path, used, sent) });
  const problem =
    needsId && id.trim() === ""
      ? "Enter the id of a record"
      : identity.kind === "record" && identity.id === ""
        ? "Choose who is asking"
        : endpoint.body && !body.ok
          ? "The body is not valid JSON"
          : null;
  const call: Call = {
    origin: serverUrl,
    collection: collection.name,
    endpoint: endpoint.id,
    method: endpoint.method,
    path: needsId && id.trim() === "" ? endpoint.path.replace("{id}", "RECORD_ID") : path,
    id: id.trim() || "RECORD_ID",
    query: used,
    body: sent,
    signedIn: identity.kind !== "guest",
  };
  const fields = collection.fields.map((field) => ({
    name: field.name,
    detail: field.type,
    ...(field.type === "select" ? { values: field.values } : {}),
  }));
  return (
    <div className="space-y-5">
      <header>
        <h2 className="text-lg font-semibold">{endpoint.title}</h2>
        <p className="text-ink-2">{endpoint.about}</p>
        <p className="mt-2 rounded-md border border-line bg-bg px-3 py-2 font-mono text-code break-all">
          <span className="text-ink-3">{endpoint.method}</span> {endpoint.path}
        </p>
      </header>
      <form
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === null) void trySending();
        }}
      >
        <IdentityPicker identity={identity} onChange={onIdentity} />
        {needsId && <TextRow label="Record id" mono value={id} onChange={setId} />}
        {endpoint.query.length > 0 && (
          <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
            {endpoint.query.map((name) =>
              name === "filter" ? (
                <FieldBox key={name} label="filter" className="sm:col-span-2">
                  {(control) => (
                    <CodeArea
                      control={control}
                      value={query["filter"] ?? ""}
                      onChange={(filter) => setQuery({ ...query, filter })}
                      complete={(value, at) => complete(value, at, fields)}
                    />
                  )}
                </FieldBox>
              ) : (
                <TextRow
                  key={name}
                  label={name}
                  mono
                  value={query[name] ?? ""}
                  placeholder={hints[name] ?? ""}
                  onChange={(value) => setQuery({ ...query, [name]: value })}
                />
              ),
            )}
          </div>
        )}
        {endpoint.body && (
          <FieldBox label="Body (JSON)" error={body.ok ? undefined : body.message}>
            {(control) => (
              <textarea
                {...control}
                rows={6}
                spellCheck={false}
                className="control font-mono text-code"
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            )}
          </FieldBox>
        )}
        <Button type="submit" tone="primary" busy={send.isPending} blocked={problem}>
          <Send size={14} aria-hidden /> Send request
        </Button>
      </form>
      {send.isError && (
        <Notice tone="danger" role="alert">
          {inFull(send.error)}
        </Notice>
      )}
      {send.data && <ResponseView answer={send.data} />}
      <CodeTabs call={call} />
    </div>
  );
}

const hints: Record<string, string> = {
  sort: "-created,id",
  page: "1",
  perPage: "30",
  skipTotal: "true",
  expand: "author",
  fields: "id,title",
};
