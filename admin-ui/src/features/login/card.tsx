import type { ReactNode } from "react";
import { Logo } from "@/ui/logo";

/** The frame of every page that can be seen without a session. */
export function GuestCard({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  return (
    <main className="flex h-full flex-col items-center overflow-y-auto bg-canvas px-4 py-[min(14vh,120px)]">
      <div className="w-full max-w-[380px]">
        <div className="mb-5 flex items-center gap-2.5">
          <Logo size={28} />
          <span className="text-lg font-semibold tracking-tight">Stead</span>
        </div>
        <div className="rounded-lg border border-line bg-bg p-6">
          <h1 className="text-xl font-semibold">{title}</h1>
          {lead && <div className="mt-1 text-md text-ink-2">{lead}</div>}
          {children && <div className="mt-5">{children}</div>}
        </div>
      </div>
    </main>
  );
}
