import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { collectionsQuery } from "@/api/collections";
import { inFull } from "@/api/errors";
import { importCollections } from "@/api/operate";
import type { Collection } from "@/api/types";
import { toast } from "@/components/toasts";
import { count } from "@/lib/words";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";
import { instantiate, obstacle, templates, type Template } from "./templates";

type TemplatesDialogProps = { collections: Collection[]; onNavigate: (to: string) => void; onClose: () => void };

/** Ready-made collections with rules that keep strangers out. Using one only adds. */
export default function TemplatesDialog({ collections, onNavigate, onClose }: TemplatesDialogProps) {
  const client = useQueryClient();
  const [busy, setBusy] = useState("");
  const [failure, setFailure] = useState<string | null>(null);
  async function use(template: Template) {
    setBusy(template.id);
    setFailure(null);
    try {
      await importCollections(instantiate(template, collections, freshId), false);
      await client.invalidateQueries({ queryKey: collectionsQuery.queryKey });
      toast(`${count(template.collections.length, "collection")} created`);
      onClose();
      onNavigate(`/collections/${template.collections.at(-1)?.name ?? ""}`);
    } catch (error) {
      setFailure(inFull(error));
      setBusy("");
    }
  }
  return (
    <Modal title="Templates" description="Collections to start from. Nothing that exists is changed." onClose={onClose}>
      <ul aria-label="Templates" className="space-y-2 pb-4">
        {templates.map((template) => (
          <li key={template.id} className="flex flex-wrap items-center gap-3 rounded-md border border-line p-3">
            <div className="min-w-0 flex-1 basis-56">
              <h3 className="text-md font-semibold">{template.title}</h3>
              <p className="text-ink-2">{template.words}</p>
              <p className="mt-1 font-mono text-code text-ink-3">
                {template.collections.map((one) => one.name).join(", ")}
              </p>
            </div>
            <Button
              aria-label={`Use ${template.title}`}
              busy={busy === template.id}
              blocked={obstacle(template, collections)}
              onClick={() => void use(template)}
            >
              Use
            </Button>
          </li>
        ))}
      </ul>
      {failure && (
        <Notice tone="danger" role="alert" className="mb-4">
          {failure}
        </Notice>
      )}
    </Modal>
  );
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  return [...bytes].map((byte) => letters[byte % letters.length] ?? "a").join("");
}
