import { Copy } from "lucide-react";
import { useState } from "react";
import { copyText } from "@/components/copy";
import { Button } from "@/ui/button";
import { TabPanel, TabRoot, TabStrip } from "@/ui/tabs";
import { codeFor, languages, type Call } from "./code";

export function CodeTabs({ call }: { call: Call }) {
  const [language, setLanguage] = useState<string>(idOf("JS SDK"));
  return (
    <TabRoot value={language} onValueChange={setLanguage} className="rounded-md border border-line bg-bg">
      <div className="overflow-x-auto border-b border-line px-1">
        <TabStrip label="Languages" tabs={languages.map((name) => ({ id: idOf(name), label: name }))} />
      </div>
      {languages.map((name) => (
        <TabPanel key={name} value={idOf(name)} className="relative">
          <pre
            tabIndex={0}
            className="max-h-96 overflow-auto p-3 pe-24 font-mono text-code break-words whitespace-pre-wrap"
          >
            {codeFor(name, call)}
          </pre>
          <Button size="sm" className="absolute end-2 top-2" onClick={() => copyText("Code", codeFor(name, call))}>
            <Copy size={12} aria-hidden /> Copy code
          </Button>
        </TabPanel>
      ))}
    </TabRoot>
  );
}

/** An id must not hold a space. */
function idOf(name: string): string {
  return name.replaceAll(" ", "-");
}
