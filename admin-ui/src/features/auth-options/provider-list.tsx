import { useState } from "react";
import type { KnownProvider } from "@/api/collections";
import { TextRow } from "@/components/form-parts";
import { Modal } from "@/ui/dialog";
import { ProviderLogo } from "./parts";

type ProviderListProps = { known: KnownProvider[]; onPick: (name: string) => void; onClose: () => void };

export function ProviderList({ known, onPick, onClose }: ProviderListProps) {
  const [search, setSearch] = useState("");
  const found = known.filter((provider) =>
    `${provider.displayName} ${provider.name}`.toLowerCase().includes(search.trim().toLowerCase()),
  );
  return (
    <Modal title="Add service" description="Its console gives you a client id and a secret." onClose={onClose}>
      <TextRow label="Search services" value={search} onChange={setSearch} />
      <ul aria-label="Services" className="mt-3 grid grid-cols-1 gap-1 pb-3 sm:grid-cols-2">
        {found.map((provider) => (
          <li key={provider.name}>
            <button
              type="button"
              className="flex min-h-10 w-full items-center gap-2.5 rounded-sm px-2 text-start hover:bg-hover"
              onClick={() => onPick(provider.name)}
            >
              <ProviderLogo known={provider} />
              <span className="min-w-0">
                <span className="block truncate font-medium">{provider.displayName}</span>
                <span className="block truncate text-sm text-ink-3">{provider.name}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className="pb-4 text-ink-3">No service matches.</p>}
    </Modal>
  );
}
