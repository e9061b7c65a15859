import { EmptyPanel } from "@/components/panels";
import { Button } from "@/ui/button";

/** In the place of a page that failed; what is around it stays. */
export function PageError({ error, reset }: { error: unknown; reset: () => void }) {
  return (
    <div role="alert" className="flex min-h-0 flex-1 overflow-y-auto">
      <EmptyPanel
        page
        title="This page has run into an error"
        actions={
          <>
            <Button onClick={reset}>Try again</Button>
            <Button onClick={() => window.location.reload()}>Reload</Button>
          </>
        }
      >
        <span className="break-words">{String(error)}</span>
      </EmptyPanel>
    </div>
  );
}
