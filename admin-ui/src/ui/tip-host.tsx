import { Tooltip } from "radix-ui";
import { useEffect } from "react";
import { Kbd } from "./kbd";
import { hideTip, isSilent, keepTip, shownTip } from "./tooltip";
import { useStore } from "./use-store";

const id = "tip";

/** Shows the tooltip that is asked for beside what it belongs to. */
export default function TipHost() {
  const tip = useStore(shownTip);
  // What a screen reader says of an element is the element's own.
  useEffect(() => {
    const target = tip?.target;
    if (!target || target.getAttribute("aria-label") === tip.text) return undefined;
    const before = target.getAttribute("aria-describedby");
    target.setAttribute("aria-describedby", before ? `${before} ${id}` : id);
    return () => {
      if (before) target.setAttribute("aria-describedby", before);
      else target.removeAttribute("aria-describedby");
    };
  }, [tip]);
  // What goes away, or opens something, while it has the pointer or the focus.
  useEffect(() => {
    if (!tip) return undefined;
    const watch = new MutationObserver(() => {
      if (isSilent(tip.target)) hideTip(0);
    });
    watch.observe(document.body, { childList: true, subtree: true, attributeFilter: ["aria-expanded"] });
    return () => watch.disconnect();
  }, [tip]);
  if (!tip) return null;
  const { left, top, width, height } = tip.target.getBoundingClientRect();
  return (
    <Tooltip.Provider>
      <Tooltip.Root open onOpenChange={(open) => !open && hideTip(0)}>
        <Tooltip.Trigger asChild>
          <span aria-hidden className="pointer-events-none fixed" style={{ left, top, width, height }} />
        </Tooltip.Trigger>
        <Tooltip.Portal>
          <Tooltip.Content
            id={id}
            side={tip.side}
            sideOffset={6}
            collisionPadding={8}
            onPointerEnter={keepTip}
            onPointerLeave={() => hideTip(80)}
            className="enter z-50 max-w-80 rounded-sm bg-ink px-2 py-1 text-sm text-bg"
          >
            {tip.text} {tip.keys !== "" && <Kbd>{tip.keys}</Kbd>}
          </Tooltip.Content>
        </Tooltip.Portal>
      </Tooltip.Root>
    </Tooltip.Provider>
  );
}
