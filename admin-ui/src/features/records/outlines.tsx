import { Skeleton } from "@/ui/skeleton";

/** The outline of a table that is on its way. */
export function LoadingRows() {
  return (
    <div aria-busy className="flex-1 overflow-hidden bg-bg">
      <div className="late h-9 border-b border-line bg-canvas" />
      {Array.from({ length: 14 }, (_, row) => (
        <div key={row} className="flex h-9 items-center gap-8 border-b border-line px-3">
          <Skeleton className="w-4" />
          <Skeleton className="w-40" />
          <Skeleton className="w-24" />
          <Skeleton className="w-32" />
        </div>
      ))}
      <span className="sr-only" role="status">
        Loading records
      </span>
    </div>
  );
}

/** The outline of a form that is on its way. */
export function LoadingForm() {
  return (
    <div className="flex-1 space-y-6 p-4" aria-busy>
      {[0, 1, 2, 3].map((n) => (
        <div key={n} className="space-y-2">
          <Skeleton className="w-24" />
          <Skeleton className="!h-8 w-full" />
        </div>
      ))}
    </div>
  );
}
