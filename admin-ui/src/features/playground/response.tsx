import { Copy } from "lucide-react";
import type { Answer } from "@/api/playground";
import { copyText } from "@/components/copy";
import { formatBytes } from "@/lib/bytes";
import { redact } from "@/lib/redact";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";

const most = 50_000;

export function ResponseView({ answer }: { answer: Answer }) {
  const text = JSON.stringify(redact(answer.body) ?? null, null, 2);
  const good = answer.status < 400;
  return (
    <section aria-label="Response" className="rounded-md border border-line bg-bg">
      <div
        className="tnum flex flex-wrap items-center gap-3 border-b border-line px-3 py-1.5 text-sm text-ink-2"
        role="status"
      >
        <Badge tone={good ? "ok" : "danger"}>{answer.status}</Badge>
        <span>{Math.round(answer.ms)} ms</span>
        <span>{formatBytes(answer.bytes)}</span>
        <Button size="sm" tone="ghost" className="ms-auto" onClick={() => copyText("Response", text)}>
          <Copy size={12} aria-hidden /> Copy response
        </Button>
      </div>
      <pre
        tabIndex={0}
        role="region"
        aria-label="Response body"
        className="max-h-96 overflow-auto p-3 font-mono text-code break-words whitespace-pre-wrap"
      >
        {text.length > most ? `${text.slice(0, most)}\n…` : text}
      </pre>
    </section>
  );
}
