import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";
import { thirdParty } from "./tools/third-party.ts";

const backend = process.env.BACKEND ?? "http://127.0.0.1:8090";

/** Loads parts as `withFiles` does, instead of Vite's own way. */
function parts(): Plugin {
  let replaced = false;
  return {
    name: "parts",
    apply: "build",
    transform(_code, id) {
      if (!id.includes("vite/preload-helper")) return null;
      replaced = true;
      return `export { withFiles as __vitePreload } from "@/lib/part-files";`;
    },
    buildEnd() {
      if (!replaced) this.error("Vite loads parts in another way now");
    },
  };
}

export default defineConfig({
  // Relative: a proxy may have the whole server below a path of its own.
  base: "./",
  plugins: [react(), tailwindcss(), thirdParty(), parts()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  server: { port: 5173, proxy: { "/api": { target: backend, changeOrigin: false } } },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        // Few requests for the first load: libraries that change rarely, and our own small modules in one piece each.
        codeSplitting: {
          groups: [
            // What floats over the page comes when it is asked for, or when nothing else is to be done.
            {
              name: "floating",
              priority: 2,
              test: /node_modules\/(?:@radix-ui\/react-(?:collection|roving-focus|presence|use-controllable-state|use-size|use-previous|slot|context|primitive|id|menu|dropdown-menu|popper|arrow|tooltip|dismissable-layer|focus-scope|focus-guards|portal|use-rect|use-escape-keydown|visually-hidden)\/|@floating-ui|aria-hidden\/|react-remove-scroll|react-style-singleton|use-sidecar|use-callback-ref\/|get-nonce)/,
            },
            {
              name: "vendor",
              priority: 3,
              test: /node_modules\/(?!lucide-react|@radix-ui\/react-(?:collection|roving-focus|presence|use-controllable-state|use-size|use-previous|slot|context|primitive|id|radio-group|switch|dialog|alert-dialog|popover|checkbox|menu|dropdown-menu|popper|arrow|tooltip|dismissable-layer|focus-scope|focus-guards|portal|use-rect|use-escape-keydown|visually-hidden)\/|@tiptap|prosemirror|linkifyjs|orderedmap|rope-sequence|w3c-keyname|fast-equals|@floating-ui|aria-hidden\/|react-remove-scroll|react-style-singleton|use-sidecar|use-callback-ref\/|get-nonce)/,
            },
            {
              name: "base",
              test: /\/src\/lib\/(?!rhai|line-diff|paint|refusal|expr\/paint|tsv|addresses|cron|csv|duration|redact|sql|indexes|password|token)|\/src\/api\/(?!hooks|rules|plan|insights|prefs|playground|operate|batch|transfer)|\/src\/ui\/(?!scrim|kbd|combobox|chips|number-input|radio|notice|dialog|sheet|popover|menu-list|tip-host)|\/src\/components\/(session|prefs|panels|toasts|confirm\.|date-text|use-draft|leave-guard|copy)|lucide-react\/dist\/esm\/icons\/braces/,
            },
          ],
        },
      },
    },
  },
});
