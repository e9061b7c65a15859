import type { PlanLoss } from "@/api/plan";
import type { Change } from "./model";

/** Fields the server counts as lost are named, also when they were not removed here. */
export function withLosses(changes: Change[], losses: PlanLoss[]): Change[] {
  const gone = changes.filter(({ sign }) => sign === "−").map(({ text, detail = "" }) => `${text}, ${detail}`);
  const unnamed = losses.filter(
    ({ kind, field }) => kind === "field" && !gone.some((said) => names(said, field ?? "")),
  );
  return [
    ...changes,
    ...unnamed.map(({ collection, field }): Change => ({
      key: `-${collection} ${field ?? ""}`,
      sign: "−",
      text: `Remove field ${field ?? ""}`,
      detail: `of ${collection}`,
    })),
  ];
}

function names(text: string, field: string): boolean {
  return text.split(/\W+/).includes(field);
}
