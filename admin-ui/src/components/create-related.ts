import { createContext } from "react";
import type { Collection } from "@/api/types";

/** Asks for a new record of a collection; `done` hears its id. */
export type AskForRecord = (collection: Collection, done: (id: string) => void) => void;

/** Given by whoever has a form for records; without one a picker only picks. */
export const CreateRelated = createContext<AskForRecord | null>(null);
