import type { S3 } from "@/api/settings";
import { withSecret } from "@/lib/redact";
import { SwitchRow } from "@/ui/switch";
import { SecretRow, TextRow, TwoColumns } from "./form-parts";

type S3FieldsProps = {
  label: string;
  value: S3;
  /** The server has a secret already. */
  stored: boolean;
  prefix: string;
  errors: Record<string, string>;
  onChange: (value: S3) => void;
};

export function S3Fields({ label, value, stored, prefix, errors, onChange }: S3FieldsProps) {
  const set = (change: Partial<S3>) => onChange({ ...value, ...change });
  return (
    <>
      <SwitchRow label={label} checked={value.enabled} onChange={(enabled) => set({ enabled })} />
      {value.enabled && (
        <TwoColumns>
          <TextRow
            label="Endpoint"
            required
            type="url"
            placeholder="https://s3.example.com"
            value={value.endpoint}
            error={errors[`${prefix}.endpoint`]}
            onChange={(endpoint) => set({ endpoint })}
          />
          <TextRow
            label="Bucket"
            required
            value={value.bucket}
            error={errors[`${prefix}.bucket`]}
            onChange={(bucket) => set({ bucket })}
          />
          <TextRow
            label="Region"
            required
            value={value.region}
            error={errors[`${prefix}.region`]}
            onChange={(region) => set({ region })}
          />
          <TextRow
            label="Access key"
            required
            value={value.accessKey}
            error={errors[`${prefix}.accessKey`]}
            onChange={(accessKey) => set({ accessKey })}
          />
          <SecretRow
            wide
            label="Secret key"
            stored={stored}
            value={value.secret}
            error={errors[`${prefix}.secret`]}
            onChange={(secret) => onChange(withSecret(value, "secret", secret))}
          />
          <div className="sm:col-span-2">
            <SwitchRow
              label="Bucket in the path"
              help="For services that do not give every bucket a host name of its own."
              checked={value.forcePathStyle}
              onChange={(forcePathStyle) => set({ forcePathStyle })}
            />
          </div>
        </TwoColumns>
      )}
    </>
  );
}
