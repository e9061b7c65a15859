import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "@/lib/cx";

const tones = {
  danger: { box: "bg-danger-soft text-danger-text", icon: CircleAlert },
  warn: { box: "bg-warn-soft text-warn", icon: TriangleAlert },
  ok: { box: "bg-ok-soft text-ok", icon: CircleCheck },
  info: { box: "bg-info-soft text-info", icon: Info },
} as const;

type NoticeProps = { tone: keyof typeof tones; role?: "alert" | "status"; children: ReactNode; className?: string };

export function Notice({ tone, role, children, className }: NoticeProps) {
  const Icon = tones[tone].icon;
  return (
    <div role={role} className={cx("flex items-start gap-2 rounded-md px-3 py-2", tones[tone].box, className)}>
      <Icon size={16} className="mt-0.5 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1 break-words">{children}</div>
    </div>
  );
}
