import type { Collection } from "@/api/types";
import { cardinality, type Edge } from "./model";

type RelationListProps = { collections: Collection[]; edges: Edge[]; term: string };

/** The same as a table, for those who do not see the lines and for small screens. */
export function RelationList({ collections, edges, term }: RelationListProps) {
  const rows = edges.filter((edge) => `${edge.from.name} ${edge.to.name}`.toLowerCase().includes(term));
  const lonely = collections
    .filter((known) => !edges.some((edge) => edge.from.id === known.id || edge.to.id === known.id))
    .map((known) => known.name);
  return (
    <div className="min-h-0 flex-1 overflow-auto p-4" role="region" aria-label="Relations" tabIndex={0}>
      <table aria-label="Relations" className="w-full max-w-[900px] border-collapse rounded-md bg-bg">
        <thead>
          <tr className="border-b border-line text-ink-2">
            {["From", "Field", "To", "Kind", "Deletes"].map((title) => (
              <th key={title} scope="col" className="h-9 px-3 text-start font-medium">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((edge) => (
            <tr key={edge.id} className="border-b border-line">
              <td className="h-9 px-3">
                <a href={`#/collections/${edge.from.name}?tab=schema`} className="font-medium hover:underline">
                  {edge.from.name}
                </a>
              </td>
              <td className="px-3 font-mono text-code">{edge.field.name}</td>
              <td className="px-3">
                <a href={`#/collections/${edge.to.name}?tab=schema`} className="hover:underline">
                  {edge.to.name}
                </a>
              </td>
              <td className="px-3">{cardinality(edge)}</td>
              <td className="px-3">{edge.field.cascadeDelete ? "cascade" : "—"}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p className="mt-3 text-ink-2">No relations{term === "" ? " yet" : " like that"}.</p>}
      {term === "" && lonely.length > 0 && <p className="mt-3 text-ink-3">Without relations: {lonely.join(", ")}.</p>}
    </div>
  );
}
