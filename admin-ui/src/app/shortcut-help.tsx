import { Modal } from "@/ui/dialog";

const mod = /mac/i.test(navigator.userAgent) ? "⌘" : "Ctrl";
const groups: { title: string; rows: [string, string][] }[] = [
  {
    title: "Everywhere",
    rows: [
      [`${mod} K`, "Search or jump"],
      ["?", "This list"],
      ["g then o, d, e, a, l, h, q, j, s", "Overview, data, diagram, access, logs, hooks, SQL, jobs, settings"],
      ["/", "Filter"],
      ["n", "New record"],
      ["r", "Refresh"],
      ["[", "Show or hide the collections"],
      [`${mod} S`, "Save"],
      ["Esc", "Close, leave editing"],
    ],
  },
  {
    title: "In the table",
    rows: [
      ["Arrows, Home, End, Page", "Move"],
      [`${mod} Home, ${mod} End`, "First and last record"],
      [`${mod} G`, "Go to a value or a record"],
      ["Enter or F2, or just type", "Edit the cell"],
      ["Shift and arrows", "Mark a block of cells"],
      [`${mod} C, ${mod} X, ${mod} V`, "Copy, cut and paste the block"],
      ["Delete", "Empty the cell"],
      [`${mod} Z, ${mod} Shift Z`, "Undo, redo edits that are not saved"],
      [`${mod} .`, "Review them"],
      ["Space", "Look at a related record or a file"],
      ["Shift Space", "Select the record"],
      [`${mod} A`, "Select all loaded"],
      ["Shift ←, Shift → on a header", "Narrower, wider"],
      ["Alt ←, Alt → on a header", "Move the column"],
    ],
  },
  {
    title: "Elsewhere",
    rows: [
      [`${mod} Enter`, "Save and close; run SQL"],
      [`${mod} Shift Enter`, "Explain SQL"],
      ["Alt ←, Alt →", "Previous, next record"],
      ["Alt ↑, Alt ↓", "Move a field or a file"],
    ],
  },
];

export default function ShortcutHelp({ onClose }: { onClose: () => void }) {
  return (
    <Modal
      title="Keyboard shortcuts"
      description="Single letters work outside of text boxes; Settings → Appearance switches them off."
      text
      onClose={onClose}
    >
      <div className="space-y-4 pb-4">
        {groups.map((group) => (
          <section key={group.title} aria-label={group.title}>
            <h3 className="mb-1 font-semibold">{group.title}</h3>
            <dl className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)] gap-x-4 gap-y-1">
              {group.rows.map(([keys, words]) => (
                <div key={keys} className="contents">
                  <dt className="text-ink-2">{words}</dt>
                  <dd className="font-mono text-code">{keys}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
