import { useQuery } from "@tanstack/react-query";
import { Copy, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { serverUrl } from "@/api/client";
import { providersQuery, type KnownProvider } from "@/api/collections";
import { settingsQuery } from "@/api/settings";
import type { Field, OAuth2, OAuth2Provider } from "@/api/types";
import { copyText } from "@/components/copy";
import { ChoiceRow, errorUnder, Section, TwoColumns } from "@/components/form-parts";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { FieldError } from "@/ui/field";
import { Notice } from "@/ui/notice";
import { SwitchRow } from "@/ui/switch";
import { ProviderDialog } from "./provider-dialog";
import { ProviderList } from "./provider-list";
import { ProviderLogo, type AuthSectionProps } from "./parts";

/** Signing in with an account of another service. */
export function OAuth2Section({ draft, errors }: AuthSectionProps) {
  const known = useQuery(providersQuery).data ?? [];
  const settings = useQuery(settingsQuery).data;
  const [choosing, setChoosing] = useState(false);
  const [editing, setEditing] = useState<OAuth2Provider | null>(null);
  const { oauth2 } = draft.value;
  if (!oauth2) return null;
  const set = (change: Partial<OAuth2>) => draft.set({ oauth2: { ...oauth2, ...change } });
  const redirect = `${(settings?.meta.appURL ?? serverUrl).replace(/\/+$/, "")}/api/oauth2-redirect`;
  const at = editing ? oauth2.providers.findIndex((provider) => provider.name === editing.name) : -1;
  return (
    <Section title="OAuth2">
      <SwitchRow
        label="Sign in with another service"
        checked={oauth2.enabled}
        onChange={(enabled) => set({ enabled })}
      />
      {errors["oauth2.providers"] && <FieldError message={errors["oauth2.providers"]} />}
      {oauth2.enabled && (
        <>
          {oauth2.providers.length === 0 && <Notice tone="warn">No service yet: nobody can sign in this way.</Notice>}
          {oauth2.providers.length > 0 && (
            <ul aria-label="Sign-in services" className="divide-y divide-line rounded-md border border-line bg-bg">
              {oauth2.providers.map((provider, index) => (
                <ProviderRow
                  key={provider.name}
                  provider={provider}
                  known={known.find((candidate) => candidate.name === provider.name)}
                  error={errorUnder(errors, `oauth2.providers.${index}`)}
                  onEdit={() => setEditing(provider)}
                  onRemove={() => set({ providers: oauth2.providers.filter((other) => other !== provider) })}
                />
              ))}
            </ul>
          )}
          <Button className="w-full !border-dashed" onClick={() => setChoosing(true)}>
            <Plus size={14} aria-hidden /> Add service
          </Button>
          <div className="flex flex-wrap items-center gap-2 text-ink-2">
            Redirect address to register there:
            <code className="font-mono text-code break-all text-ink">{redirect}</code>
            <IconButton label="Copy redirect address" small onClick={() => copyText("Redirect address", redirect)}>
              <Copy size={14} />
            </IconButton>
          </div>
          <Mapping oauth2={oauth2} fields={draft.value.fields} onChange={set} />
        </>
      )}
      {choosing && (
        <ProviderList
          known={known.filter((candidate) => !oauth2.providers.some((used) => used.name === candidate.name))}
          onClose={() => setChoosing(false)}
          onPick={(name) => {
            setChoosing(false);
            setEditing({ name });
          }}
        />
      )}
      {editing && (
        <ProviderDialog
          key={editing.name}
          provider={editing}
          title={known.find((candidate) => candidate.name === editing.name)?.displayName ?? editing.name}
          stored={draft.base.oauth2?.providers.some((provider) => provider.name === editing.name) ?? false}
          onClose={() => setEditing(null)}
          onDone={(next) => {
            setEditing(null);
            set({
              providers:
                at < 0
                  ? [...oauth2.providers, next]
                  : oauth2.providers.map((provider, index) => (index === at ? next : provider)),
            });
          }}
        />
      )}
    </Section>
  );
}

type ProviderRowProps = {
  provider: OAuth2Provider;
  known: KnownProvider | undefined;
  error: string | undefined;
  onEdit: () => void;
  onRemove: () => void;
};

function ProviderRow({ provider, known, error, onEdit, onRemove }: ProviderRowProps) {
  const name = provider.displayName || known?.displayName || provider.name;
  return (
    <li className="flex min-h-12 items-center gap-3 py-1.5 ps-3 pe-2">
      <ProviderLogo known={known} />
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-center gap-2 font-medium">
          {name}
          {provider.clientSecret !== undefined && <Badge tone="warn">new secret</Badge>}
        </span>
        <span className="block truncate font-mono text-code text-ink-3">{provider.clientId || "no client id"}</span>
        {error && <FieldError message={error} />}
      </span>
      <IconButton label={`Edit ${name}`} onClick={onEdit}>
        <Pencil size={14} />
      </IconButton>
      <IconButton label={`Remove ${name}`} onClick={onRemove}>
        <Trash2 size={14} />
      </IconButton>
    </li>
  );
}

const mapped = [
  { key: "id", label: "Id goes to", types: ["text"] },
  { key: "name", label: "Name goes to", types: ["text"] },
  { key: "username", label: "User name goes to", types: ["text"] },
  { key: "avatarURL", label: "Picture goes to", types: ["file", "url", "text"] },
] as const;

type MappingProps = { oauth2: OAuth2; fields: Field[]; onChange: (change: Partial<OAuth2>) => void };

/** What of the other account is taken over into a new record. */
function Mapping({ oauth2, fields, onChange }: MappingProps) {
  return (
    <TwoColumns>
      {mapped.map(({ key, label, types }) => (
        <ChoiceRow
          key={key}
          label={label}
          value={oauth2.mappedFields[key]}
          options={[
            { value: "", label: "Nowhere" },
            ...fields
              .filter((field) => !field.system && types.some((type) => type === field.type))
              .map((field) => ({ value: field.name, label: field.name })),
          ]}
          onChange={(next) => onChange({ mappedFields: { ...oauth2.mappedFields, [key]: next } })}
        />
      ))}
    </TwoColumns>
  );
}
