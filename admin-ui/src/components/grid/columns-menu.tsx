import { Columns3 } from "lucide-react";
import { Suspense, useState } from "react";
import { Button, type ButtonProps } from "@/ui/button";
import { lazyPart } from "@/ui/lazy-part";
import type { ColumnsListProps } from "./columns-list";

const ColumnsFloat = lazyPart(
  () => import("./columns-float"),
  (m) => m.default,
  () => <ColumnsButton />,
);

function ColumnsButton(props: ButtonProps) {
  return (
    <Button aria-haspopup="dialog" {...props}>
      <Columns3 size={14} aria-hidden />{" "}
      <span className="max-lg:sr-only group-data-tight/bar:max-[1699px]:sr-only">Columns</span>
    </Button>
  );
}

/** The list and the popover around it come when they are asked for first. */
export function ColumnsMenu(props: ColumnsListProps) {
  const [asked, setAsked] = useState(false);
  const button = <ColumnsButton onClick={() => setAsked(true)} />;
  return asked ? (
    <Suspense fallback={button}>
      <ColumnsFloat {...props} trigger={<ColumnsButton />} />
    </Suspense>
  ) : (
    button
  );
}
