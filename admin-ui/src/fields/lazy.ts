import { lazy } from "react";

/** Inputs with some weight, loaded with the first form: a table needs none of them. */
const modules = {
  filePicker: () => import("@/components/file-picker"),
  recordPicker: () => import("@/components/record-picker"),
  dateInput: () => import("@/components/date-input"),
  combobox: () => import("@/ui/combobox"),
  chips: () => import("@/ui/chips"),
};

export const FilePicker = lazy(() => modules.filePicker().then((m) => ({ default: m.FilePicker })));
export const RecordPicker = lazy(() => modules.recordPicker().then((m) => ({ default: m.RecordPicker })));
export const DateInput = lazy(() => modules.dateInput().then((m) => ({ default: m.DateInput })));
export const Combobox = lazy(() => modules.combobox().then((m) => ({ default: m.Combobox })));
export const Chips = lazy(() => modules.chips().then((m) => ({ default: m.Chips })));

/** Fetches them while nothing else is going on, so that the first form opens at once. */
export function preloadInputs(): void {
  // Without a connection they come when they are needed.
  for (const load of Object.values(modules)) void load().catch(() => undefined);
}
