import { CircleAlert, TriangleAlert } from "lucide-react";
import type { Trouble } from "./model";

type ProblemsProps = {
  path: string;
  troubles: Trouble[];
  checking: boolean;
  onGo: (at: number) => void;
  onFile: (path: string, line?: number) => void;
};

/** What keeps a text from loading, and calls of what nobody has. */
export function Problems({ path, troubles, checking, onGo, onFile }: ProblemsProps) {
  return (
    <section aria-label="Check" aria-busy={checking} className="shrink-0 px-3 pb-2">
      <p role="status" className="sr-only">
        {troubles.length === 0 ? "No problems" : `${troubles.length} problems`}
      </p>
      {troubles.length > 0 && (
        <ul
          aria-label="Problems"
          className="max-h-32 divide-y divide-line overflow-y-auto rounded-md border border-line"
        >
          {troubles.map((trouble) => {
            const Icon = trouble.tone === "error" ? CircleAlert : TriangleAlert;
            // What a script imports may be what is wrong with it.
            const elsewhere = trouble.file !== "" && trouble.file !== path;
            return (
              <li key={`${trouble.file} ${trouble.at} ${trouble.message}`}>
                <button
                  type="button"
                  onClick={() => (elsewhere ? onFile(trouble.file, trouble.line ?? 1) : onGo(trouble.at))}
                  className="flex min-h-8 w-full items-start gap-2 px-3 py-1.5 text-start hover:bg-hover"
                >
                  <Icon
                    size={14}
                    aria-label={trouble.tone}
                    role="img"
                    className={trouble.tone === "error" ? "mt-[3px] text-danger-text" : "mt-[3px] text-warn"}
                  />
                  <span className="tnum shrink-0 text-ink-3">
                    {elsewhere && `${trouble.file}, `}line {trouble.line ?? 1}
                  </span>
                  <span className="min-w-0 break-words">{trouble.message}</span>
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
