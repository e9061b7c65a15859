/** What has been fetched, or is about to be, by its address. */
const fetched = new Map<string, Promise<unknown>>();

/**
 * Loads a part of the program that is not there from the start; the build puts it around every `import()`. Browsers remember for
 * as long as the page lives that a module could not be loaded, and never ask for it again. So all files of a part are fetched
 * first, and imported once they are there: what fails then can be tried again.
 */
export async function withFiles<T>(load: () => Promise<T>, files: string[] | undefined, importer: string): Promise<T> {
  const urls = (files ?? []).map((file) => new URL(file, importer).href);
  await Promise.all(urls.filter((url) => !isThere(url)).map(once));
  return load();
}

function once(url: string): Promise<unknown> {
  const known = fetched.get(url);
  if (known) return known;
  const loading = url.endsWith(".css") ? addStyle(url) : fetchScript(url);
  fetched.set(url, loading);
  loading.catch(() => fetched.delete(url));
  return loading;
}

/** Whether the page itself asks for it. */
function isThere(url: string): boolean {
  const scripts = [...document.querySelectorAll<HTMLScriptElement>("script[src]")].map(({ src }) => src);
  const links = [...document.querySelectorAll<HTMLLinkElement>("link[href]")].map(({ href }) => href);
  return scripts.includes(url) || links.includes(url);
}

async function fetchScript(url: string): Promise<void> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  // To its end, so that the browser keeps it for the import.
  await answer.arrayBuffer();
}

function addStyle(url: string): Promise<unknown> {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = url;
  const loading = new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error(url));
    });
  });
  document.head.append(link);
  return loading;
}
