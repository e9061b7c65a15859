import { CircleAlert } from "lucide-react";
import { useId, type ReactNode } from "react";
import { cx } from "@/lib/cx";

/** What an input needs to be named and described; spread it on the control. */
export type ControlProps = {
  id: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  "aria-required"?: true;
};

type FieldBoxProps = {
  label: ReactNode;
  help?: ReactNode;
  error?: string | undefined;
  required?: boolean;
  /** Beside the label, but no part of the name. */
  note?: ReactNode;
  aside?: ReactNode;
  className?: string;
  children: (control: ControlProps) => ReactNode;
};

/** Label above, help and error below. The label is a real one; the error is tied to the control. */
export function FieldBox({ label, help, error, required, note, aside, className, children }: FieldBoxProps) {
  const id = useId();
  const described = [help ? `${id}-help` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  const control: ControlProps = {
    id,
    ...(described ? { "aria-describedby": described } : {}),
    ...(error ? { "aria-invalid": true as const } : {}),
    ...(required ? { "aria-required": true as const } : {}),
  };
  return (
    <div className={cx("min-w-0", className)}>
      <div className="mb-1 flex min-h-5 items-center justify-between gap-2">
        <span className="flex min-w-0 items-center gap-1.5">
          <label htmlFor={id} className="flex min-w-0 items-center gap-1.5 font-medium wrap-anywhere text-ink-2">
            {label}
          </label>
          {required && (
            <span className="font-medium text-danger-text" title="Required" aria-hidden>
              *
            </span>
          )}
          {note}
        </span>
        {aside}
      </div>
      {children(control)}
      {help && (
        <p id={`${id}-help`} className="mt-1 text-sm text-ink-3">
          {help}
        </p>
      )}
      {error && <FieldError id={`${id}-error`} message={error} />}
    </div>
  );
}

export function FieldError({ id, message }: { id?: string; message: string }) {
  return (
    <p id={id} className="mt-1 flex items-start gap-1 text-sm text-danger-text">
      <CircleAlert size={14} className="mt-px shrink-0" aria-hidden />
      {message}
    </p>
  );
}
