import { describe, describeAt, type Events } from "@/lib/rhai/editor";
import { callAt, type Known } from "@/lib/rhai/structure";

type Description = { items: Known[]; argument: number | null };

/** What is known about the word at a place, or about the call whose arguments it is among. Members are no news to who types. */
export function describedAt(text: string, at: number, known: Known[], events: Events, typed: boolean): Description {
  const word = describeAt(text, at, known, events).filter((item) => !typed || item.kind !== "member");
  if (word.length > 0) return { items: word, argument: null };
  const call = callAt(text, at);
  return { items: call ? describe(call, known, events) : [], argument: call?.argument ?? null };
}

export function Described({ items, argument }: Description) {
  return (
    <section aria-label="At the caret" className="space-y-1">
      {items.slice(0, 3).map((item) => (
        <div key={item.signature}>
          <code className="block font-mono text-code break-words text-ink">
            {item.namespace === "" ? "" : `${item.namespace}::`}
            <Signature signature={item.signature} argument={argument} />
          </code>
          {item.doc && <span className="block text-ink-2">{item.doc}</span>}
        </div>
      ))}
    </section>
  );
}

/** The parameter that is being written stands out. */
function Signature({ signature, argument }: { signature: string; argument: number | null }) {
  const [, head = signature, inside = "", tail = ""] = /^(\w+\()(.*?)(\).*)$/.exec(signature) ?? [];
  const parts = inside.split(", ");
  if (argument === null || inside === "" || argument >= parts.length) return signature;
  return (
    <>
      {head}
      {parts.slice(0, argument).map((part) => `${part}, `)}
      <strong className="text-accent-text">{parts[argument]}</strong>
      {parts.slice(argument + 1).map((part) => `, ${part}`)}
      {tail}
    </>
  );
}
