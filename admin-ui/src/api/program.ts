export type ProgramState = "offline" | "updated" | "same";

/** Whether the server still has the program that runs here: the page of another version names another one. */
export async function programState(): Promise<ProgramState> {
  const program = document.querySelector("script[type=module][src]")?.getAttribute("src") ?? "";
  try {
    const response = await fetch(window.location.pathname, { cache: "no-store" });
    return !response.ok || (await response.text()).includes(program) ? "same" : "updated";
  } catch {
    return "offline";
  }
}
