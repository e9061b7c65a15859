import { useState } from "react";
import type { OAuth2Provider } from "@/api/types";
import { ChoiceRow, ListRow, SecretRow, TextRow, TwoColumns } from "@/components/form-parts";
import { isString, toText } from "@/lib/assert";
import { withSecret } from "@/lib/redact";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { AppleSecret } from "./apple-secret";

type ProviderDialogProps = {
  provider: OAuth2Provider;
  title: string;
  /** The server has a secret for it. */
  stored: boolean;
  onDone: (provider: OAuth2Provider) => void;
  onClose: () => void;
};

const selfHosted = /^(oidc\d?|mailcow)$/;

/** One service. The secret can be replaced but never read. */
export function ProviderDialog({ provider, title, stored, onDone, onClose }: ProviderDialogProps) {
  const [value, setValue] = useState(provider);
  const set = (change: Partial<OAuth2Provider>) => setValue((now) => ({ ...now, ...change }));
  const own = selfHosted.test(value.name);
  const oidc = value.name.startsWith("oidc");
  const extra = value.extra ?? {};
  const setExtra = (change: Record<string, unknown>) => set({ extra: { ...extra, ...change } });
  const problem = !value.clientId?.trim()
    ? "The client id is missing"
    : !stored && !value.clientSecret
      ? "The client secret is missing"
      : own && (!value.authURL || !value.tokenURL)
        ? "The addresses of the service are missing"
        : null;
  const addresses = (
    <TwoColumns>
      <TextRow
        wide
        label="Authorisation address"
        type="url"
        required={own}
        placeholder={own ? "" : "as the service has it"}
        value={value.authURL ?? ""}
        onChange={(authURL) => set({ authURL })}
      />
      <TextRow
        wide
        label="Token address"
        type="url"
        required={own}
        placeholder={own ? "" : "as the service has it"}
        value={value.tokenURL ?? ""}
        onChange={(tokenURL) => set({ tokenURL })}
      />
      <TextRow
        wide
        label="User info address"
        type="url"
        {...(oidc ? { help: "Empty: the claims of the id token are used." } : {})}
        placeholder={own ? "" : "as the service has it"}
        value={value.userInfoURL ?? ""}
        onChange={(userInfoURL) => set({ userInfoURL })}
      />
      <TextRow
        label="Name shown to users"
        value={value.displayName ?? ""}
        onChange={(displayName) => set({ displayName })}
      />
      <ChoiceRow
        label="PKCE"
        value={value.pkce === true ? "on" : value.pkce === false ? "off" : ""}
        options={[
          { value: "", label: "As the service wants it" },
          { value: "on", label: "On" },
          { value: "off", label: "Off" },
        ]}
        onChange={(next) => set({ pkce: next === "on" ? true : next === "off" ? false : null })}
      />
      {oidc && (
        <>
          <TextRow
            wide
            label="Keys address (JWKS)"
            type="url"
            help="With it the signature of the id token is checked."
            value={toText(extra["jwksURL"])}
            onChange={(jwksURL) => setExtra({ jwksURL })}
          />
          <ListRow
            wide
            label="Accepted issuers"
            values={Array.isArray(extra["issuers"]) ? extra["issuers"].filter(isString) : []}
            onChange={(issuers) => setExtra({ issuers })}
          />
        </>
      )}
    </TwoColumns>
  );
  return (
    <Modal
      title={title}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" blocked={problem} onClick={() => onDone(value)}>
            Set
          </Button>
        </>
      }
    >
      <div className="space-y-4 pb-3">
        <TextRow label="Client id" required value={value.clientId ?? ""} onChange={(clientId) => set({ clientId })} />
        <SecretRow
          label="Client secret"
          required={!stored}
          stored={stored}
          value={value.clientSecret}
          onChange={(secret) => setValue((now) => withSecret(now, "clientSecret", secret))}
        />
        {value.name === "apple" && (
          <AppleSecret clientId={value.clientId ?? ""} onSecret={(clientSecret) => set({ clientSecret })} />
        )}
        {value.name === "microsoft" && (
          <ChoiceRow
            label="E-mail from the id token"
            value={toText(extra["idTokenEmailClaim"])}
            options={[
              { value: "", label: "No, from the profile" },
              { value: "any_verified", label: "Any verified" },
              { value: "verified_primary_email", label: "Verified primary e-mail" },
              { value: "email_and_xms_edov", label: "E-mail of a verified domain owner" },
              { value: "email", label: "E-mail claim as it is" },
            ]}
            onChange={(idTokenEmailClaim) => setExtra({ idTokenEmailClaim })}
          />
        )}
        {own ? (
          addresses
        ) : (
          <details>
            <summary className="text-ink-2">Other addresses and options</summary>
            <div className="mt-3">{addresses}</div>
          </details>
        )}
      </div>
    </Modal>
  );
}
