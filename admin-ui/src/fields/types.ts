import type { LucideIcon } from "lucide-react";
import type { Field, RecordRow } from "@/api/types";
import type { ControlProps } from "@/ui/field";

/** What is the same for all fields of a type. */
export type Kind<F extends Field> = {
  label: string;
  icon: LucideIcon;
  /** One line for the type menu. */
  hint: string;
  /** Column width in pixels. */
  width: number;
  /** Type-specific options of a new field. */
  defaults: Omit<F, "id" | "name" | "system" | "hidden" | "presentable" | "help" | "required">;
};

export type InputProps<F extends Field> = {
  field: F;
  value: unknown;
  onChange: (value: unknown) => void;
  control: ControlProps;
  /** The stored record; `null` while it is being created. */
  record: RecordRow | null;
};

export type OptionsProps<F extends Field> = {
  field: F;
  onChange: (change: Partial<F>) => void;
  /** Server messages by option name. */
  errors: Record<string, string>;
  /** The collection exists and holds data, so some options are fixed. */
  stored: boolean;
};

/** A cell that is nothing but text, and the classes it is written in. Empty text is an empty cell. */
export type TextCell = { text: (value: unknown) => string; look: string };

export type CellProps<F extends Field> = { field: F; value: unknown; record: RecordRow };
