import { isObject, isString } from "@/lib/assert";
import { confirm } from "./confirm";
import { usePref } from "./use-pref";

export const environmentTones = ["none", "blue", "amber", "red"] as const;
export type Environment = { label: string; tone: (typeof environmentTones)[number] };

export const noEnvironment: Environment = { label: "", tone: "none" };

function readEnvironment(stored: unknown): Environment {
  if (!isObject(stored)) return noEnvironment;
  const tone = environmentTones.find((known) => known === stored["tone"]) ?? "none";
  return { label: isString(stored["label"]) ? stored["label"].slice(0, 40) : "", tone };
}

/** Which of several servers this is, said on every screen. */
export function useEnvironment() {
  return usePref("shared", "environment", readEnvironment);
}

/** Where mistakes are dear, saving asks once more. `true` when it may go on. */
export function useCarefulSave(): (what: string) => Promise<boolean> {
  const { label, tone } = useEnvironment().value;
  return (what) => {
    if (tone !== "red" || label === "") return Promise.resolve(true);
    return new Promise((resolve) => {
      confirm({
        title: `${what} in ${label}?`,
        verb: what,
        body: `This server is labelled ${label}; every change is asked about.`,
        tone: "primary",
        run: () => resolve(true),
        onCancel: () => resolve(false),
      });
    });
  };
}
