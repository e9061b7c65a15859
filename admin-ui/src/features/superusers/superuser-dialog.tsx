import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toUiError } from "@/api/errors";
import { createRecord, updateRecord } from "@/api/records";
import { currentSuperuserId } from "@/api/settings";
import { signIn } from "@/api/auth";
import type { RecordRow } from "@/api/types";
import { TextRow } from "@/components/form-parts";
import { toast } from "@/components/toasts";
import { toText } from "@/lib/assert";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";

type SuperuserDialogProps = { record: RecordRow | null; onClose: () => void; onSaved: () => void };

const saving = ["save-superuser"];

/** Adds an account, or changes one; an empty password stays as it is. */
export function SuperuserDialog({ record, onClose, onSaved }: SuperuserDialogProps) {
  const [email, setEmail] = useState(toText(record?.["email"]));
  const [password, setPassword] = useState("");
  const client = useQueryClient();
  const save = useMutation({
    mutationKey: saving,
    mutationFn: async () => {
      const body = {
        ...(email === record?.["email"] ? {} : { email }),
        ...(password === "" ? {} : { password, passwordConfirm: password }),
      };
      if (record === null) return createRecord("_superusers", { email, password, passwordConfirm: password });
      const saved = await updateRecord("_superusers", record.id, body);
      // A new password ends every session, this one too.
      if (record.id === currentSuperuserId() && password !== "") await signIn(email, password, "");
      return saved;
    },
    onSuccess: () => {
      toast(record === null ? `Superuser ${email} added` : `Superuser ${email} saved`);
      onSaved();
    },
  });
  const blocked =
    email.trim() === "" ? "Enter an e-mail" : record === null && password === "" ? "Enter a password" : null;
  const said = save.isError ? toUiError(save.error) : null;
  return (
    <Modal
      title={record === null ? "Add superuser" : `Change ${toText(record["email"])}`}
      width="sm"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" busy={save.isPending} blocked={blocked} onClick={() => save.mutate()}>
            {record === null ? "Add superuser" : "Save"}
          </Button>
        </>
      }
    >
      <form
        noValidate
        className="space-y-4 pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (blocked === null && client.isMutating({ mutationKey: saving }) === 0) save.mutate();
        }}
      >
        {said && (
          <Notice tone="danger" role="alert">
            {said.title}
          </Notice>
        )}
        <TextRow label="E-mail" type="email" value={email} onChange={setEmail} error={said?.fields["email"]} />
        <TextRow
          label={record === null ? "Password" : "New password"}
          type="password"
          autoComplete="new-password"
          help={record === null ? undefined : "Empty keeps the present one. A new one ends all sessions."}
          value={password}
          onChange={setPassword}
          error={said?.fields["password"]}
        />
        <input type="submit" value="Save" hidden />
      </form>
    </Modal>
  );
}
