import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { cx } from "@/lib/cx";
import { Tip } from "./tooltip";

export type Tone = "primary" | "secondary" | "ghost" | "danger";

const tones: Record<Tone, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover border-transparent",
  secondary: "bg-raised text-ink border-line hover:bg-hover hover:border-line-strong",
  ghost: "bg-transparent text-ink-2 border-transparent hover:bg-hover hover:text-ink",
  danger: "bg-danger text-on-danger border-transparent hover:brightness-95",
};
const base =
  "inline-flex items-center justify-center gap-1.5 rounded-sm border font-[550] whitespace-nowrap select-none transition-colors duration-100 pointer-coarse:min-h-11 aria-disabled:opacity-60 disabled:opacity-60";

export function buttonClass(tone: Tone = "secondary", size: "md" | "sm" = "md"): string {
  return cx(base, tones[tone], size === "md" ? "min-h-8 px-3" : "min-h-7 px-2 text-sm");
}

/** An icon in a row of a table. */
export const smallIconClass = cx(
  base,
  tones.ghost,
  "!min-h-6 w-6 shrink-0 pointer-coarse:!min-h-11 pointer-coarse:min-w-11",
);

export type ButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled"> & {
  tone?: Tone;
  size?: "md" | "sm";
  /** Why it can't be used now. The button stays visible and focusable and says so. */
  blocked?: string | null | undefined;
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
};

export function Button({
  tone = "secondary",
  size = "md",
  blocked,
  busy,
  className,
  onClick,
  type,
  ...rest
}: ButtonProps) {
  const off = Boolean(blocked) || busy;
  const button = (
    <button
      type={type === "submit" ? "submit" : "button"}
      aria-disabled={off || undefined}
      aria-busy={busy || undefined}
      className={cx(buttonClass(tone, size), className)}
      onClick={(event) => {
        if (off) event.preventDefault();
        else onClick?.(event);
      }}
      {...rest}
    />
  );
  return blocked ? <Tip text={blocked}>{button}</Tip> : button;
}

type IconButtonProps = Omit<ButtonProps, "children" | "size"> & {
  label: string;
  keys?: string;
  children: ReactNode;
  small?: boolean;
};

/** An icon alone: always named, always with a tooltip. */
export function IconButton({
  label,
  keys,
  children,
  small,
  className,
  tone = "ghost",
  blocked,
  onClick,
  ...rest
}: IconButtonProps) {
  return (
    <Tip text={blocked ?? label} {...(keys ? { keys } : {})}>
      <Button
        aria-label={label}
        tone={tone}
        className={cx(
          "shrink-0 !px-0 pointer-coarse:min-w-11",
          small ? "!min-h-6 w-6 pointer-coarse:!min-h-11" : "w-8",
          className,
        )}
        {...(blocked ? { "aria-disabled": true } : onClick ? { onClick } : {})}
        {...rest}
      >
        {children}
      </Button>
    </Tip>
  );
}
