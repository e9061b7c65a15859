import { lazyPart } from "@/ui/lazy-part";

/** Inputs with some weight, loaded with the first form: a table needs none of them. */
const modules = {
  filePicker: () => import("@/components/file-picker"),
  recordPicker: () => import("@/components/record-picker"),
  dateInput: () => import("@/components/date-input"),
  combobox: () => import("@/ui/combobox"),
  chips: () => import("@/ui/chips"),
};

export const FilePicker = lazyPart(modules.filePicker, (m) => m.FilePicker);
export const RecordPicker = lazyPart(modules.recordPicker, (m) => m.RecordPicker);
export const DateInput = lazyPart(modules.dateInput, (m) => m.DateInput);
export const Combobox = lazyPart(modules.combobox, (m) => m.Combobox);
export const Chips = lazyPart(modules.chips, (m) => m.Chips);

/** Fetches them while nothing else is going on, so that the first form opens at once. */
export function preloadInputs(): void {
  // Without a connection they come when they are needed.
  for (const load of Object.values(modules)) void load().catch(() => undefined);
}
