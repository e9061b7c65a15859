import { useMutation, useQuery } from "@tanstack/react-query";
import { inFull } from "@/api/errors";
import { offersQuery, testStorage } from "@/api/settings";
import { FormPage, Section } from "@/components/form-parts";
import { S3Fields } from "@/components/s3-fields";
import { Button } from "@/ui/button";
import { Notice } from "@/ui/notice";
import type { SettingsForm } from "./use-settings";

export function Storage({ form }: { form: SettingsForm }) {
  const { s3 } = form.value;
  const stored = form.draft.base.s3;
  const offered = useQuery(offersQuery("/api/settings/test/s3")).data;
  const test = useMutation({ mutationFn: () => testStorage("storage") });
  const reason =
    offered === false
      ? "This server can't test its storage"
      : form.dirty
        ? "Save the changes first: the test uses what is stored"
        : null;
  return (
    <FormPage title="File storage" lead="Uploaded files live in the data directory, or in a bucket of an S3 service.">
      <Section title="S3">
        <S3Fields
          value={s3}
          stored={stored.enabled}
          prefix="s3"
          errors={form.errors}
          label="Keep uploaded files in S3"
          onChange={(next) => form.draft.set({ s3: next })}
        />
        {s3.enabled !== stored.enabled && (
          <Notice tone="warn">
            Files that are already stored do not move by themselves. Copy the folder <code>storage</code> of the data
            directory {s3.enabled ? "into the bucket" : "back from the bucket"} before saving.
          </Notice>
        )}
      </Section>
      {s3.enabled && (
        <Section title="Test">
          <p className="text-ink-2">Writes a small file to the bucket and deletes it again.</p>
          <Button busy={test.isPending} blocked={reason} onClick={() => test.mutate()}>
            Test the connection
          </Button>
          <div role="status">{test.isSuccess && <Notice tone="ok">The bucket can be written and read.</Notice>}</div>
          {test.isError && (
            <Notice tone="danger" role="alert">
              <span className="whitespace-pre-wrap">{inFull(test.error)}</span>
            </Notice>
          )}
        </Section>
      )}
    </FormPage>
  );
}
