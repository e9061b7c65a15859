import { useQuery } from "@tanstack/react-query";
import { Copy, Download, FileUp } from "lucide-react";
import { useRef, useState, type ReactNode } from "react";
import { collectionsQuery } from "@/api/collections";
import type { Collection } from "@/api/types";
import { copyText } from "@/components/copy";
import { FormPage, Section } from "@/components/form-parts";
import { saveFile } from "@/components/save-file";
import { count } from "@/lib/words";
import { Button } from "@/ui/button";
import { Checkbox } from "@/ui/checkbox";
import { FieldBox } from "@/ui/field";
import { readSchema, type Named } from "./model";

/** Shows what an import would do, and does it. */
type ReviewImport = (wanted: Named[], done: () => void, close: () => void) => ReactNode;

/** Takes the schema of one server to another: as a file, reviewed before it is applied. */
export function SchemaSync({ review }: { review: ReviewImport }) {
  const collections = useQuery(collectionsQuery).data ?? [];
  return (
    <FormPage title="Schema sync" lead="Collections with their fields, rules and indexes, but without records.">
      <Export collections={collections} />
      <Import review={review} />
    </FormPage>
  );
}

function Export({ collections }: { collections: Collection[] }) {
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const chosen = collections.filter((collection) => !left.has(collection.id));
  const text = () => JSON.stringify(chosen.map(withoutDates), null, 2);
  return (
    <Section title="Export">
      <ul aria-label="Collections to export" className="grid grid-cols-2 gap-x-4 gap-y-1 sm:grid-cols-3">
        {collections.map((collection) => (
          <li key={collection.id} className="flex min-h-6 min-w-0 items-center gap-2 pointer-coarse:min-h-11">
            <Checkbox
              label={`Export ${collection.name}`}
              checked={!left.has(collection.id)}
              onChange={(on) => {
                const next = new Set(left);
                if (on) next.delete(collection.id);
                else next.add(collection.id);
                setLeft(next);
              }}
            />
            <span aria-hidden className="truncate">
              {collection.name}
            </span>
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <Button
          tone="primary"
          blocked={chosen.length === 0 ? "Choose at least one collection" : null}
          onClick={() => saveFile("schema.json", "application/json", text())}
        >
          <Download size={14} aria-hidden /> Download {count(chosen.length, "collection")}
        </Button>
        <Button onClick={() => copyText("Schema", text())}>
          <Copy size={14} aria-hidden /> Copy
        </Button>
      </div>
    </Section>
  );
}

function withoutDates({ created: _created, updated: _updated, ...rest }: Collection) {
  return rest;
}

function Import({ review }: { review: ReviewImport }) {
  const picker = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [reviewing, setReviewing] = useState(false);
  const read = text.trim() === "" ? null : readSchema(text);
  const close = () => setReviewing(false);
  const done = () => {
    close();
    setText("");
  };
  return (
    <Section title="Import">
      <FieldBox
        label="Schema"
        error={read && !read.ok ? read.message : undefined}
        help="The JSON of an export. Nothing changes before you have seen what would."
      >
        {(control) => (
          <textarea
            {...control}
            rows={5}
            spellCheck={false}
            className="control font-mono text-code"
            placeholder='[{"name": "articles", …}]'
            value={text}
            onChange={(event) => setText(event.target.value)}
            onDragOver={(event) => event.preventDefault()}
            onDrop={(event) => {
              const file = event.dataTransfer.files[0];
              if (!file) return;
              event.preventDefault();
              void file.text().then(setText);
            }}
          />
        )}
      </FieldBox>
      <input
        ref={picker}
        type="file"
        accept=".json,application/json"
        aria-label="Schema file"
        className="hidden"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) void file.text().then(setText);
        }}
      />
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => picker.current?.click()}>
          <FileUp size={14} aria-hidden /> Choose a file
        </Button>
        <Button
          tone="primary"
          blocked={read?.ok ? null : "Choose or paste a schema first"}
          onClick={() => setReviewing(true)}
        >
          Review import
        </Button>
      </div>
      {reviewing && read?.ok && review(read.collections, done, close)}
    </Section>
  );
}
