import type { KnownProvider } from "@/api/collections";
import type { Collection } from "@/api/types";
import type { DraftHandle } from "@/components/use-draft";
import { humanSeconds } from "@/lib/duration";
import { FieldBox } from "@/ui/field";
import { NumberInput } from "@/ui/number-input";

export type AuthSectionProps = { draft: DraftHandle<Collection>; errors: Record<string, string> };

type SecondsProps = { label: string; value: number; error: string | undefined; onChange: (seconds: number) => void };

export function Seconds({ label, value, error, onChange }: SecondsProps) {
  return (
    <FieldBox label={label} error={error} help={humanSeconds(value)}>
      {(control) => <NumberInput control={control} integer value={value} onChange={(next) => onChange(next ?? 0)} />}
    </FieldBox>
  );
}

/** A picture from the server, shown as a picture: whatever it contains is not run. */
export function ProviderLogo({ known }: { known: KnownProvider | undefined }) {
  if (!known || known.logo === "") return <span className="size-6 shrink-0 rounded-sm bg-sunken" aria-hidden />;
  return (
    <img
      alt=""
      src={`data:image/svg+xml;utf8,${encodeURIComponent(known.logo)}`}
      className="size-6 shrink-0 rounded-sm bg-white p-0.5"
    />
  );
}
