import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { inFull } from "@/api/errors";
import { appleSecret } from "@/api/settings";
import { TextRow, TwoColumns } from "@/components/form-parts";
import { Button } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";

const halfYear = 15_777_000;

/** Apple's client secret is a signed token that runs out; it is made from a key that stays with its owner. */
export function AppleSecret({ clientId, onSecret }: { clientId: string; onSecret: (secret: string) => void }) {
  const [teamId, setTeamId] = useState("");
  const [keyId, setKeyId] = useState("");
  const [privateKey, setPrivateKey] = useState("");
  const make = useMutation({
    mutationFn: () => appleSecret({ clientId, teamId, keyId, privateKey }, halfYear),
    onSuccess: onSecret,
  });
  return (
    <details className="rounded-md border border-line p-3">
      <summary>Make the secret from a key</summary>
      <div className="mt-3 space-y-3">
        <TwoColumns>
          <TextRow label="Team id" value={teamId} onChange={setTeamId} />
          <TextRow label="Key id" value={keyId} onChange={setKeyId} />
        </TwoColumns>
        <FieldBox
          label="Private key"
          help="Sent once to make the secret, and not kept. The secret is good for six months."
        >
          {(control) => (
            <textarea
              {...control}
              rows={3}
              spellCheck={false}
              className="control font-mono text-code"
              placeholder="-----BEGIN PRIVATE KEY-----"
              value={privateKey}
              onChange={(event) => setPrivateKey(event.target.value)}
            />
          )}
        </FieldBox>
        <Button
          busy={make.isPending}
          blocked={clientId && teamId && keyId && privateKey ? null : "Fill in client id, team, key id and key first"}
          onClick={() => make.mutate()}
        >
          Make secret
        </Button>
        {make.isSuccess && <Notice tone="ok">The secret is filled in above.</Notice>}
        {make.isError && (
          <Notice tone="danger" role="alert">
            {inFull(make.error)}
          </Notice>
        )}
      </div>
    </details>
  );
}
