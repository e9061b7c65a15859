import { useRef } from "react";
import type { Collection } from "@/api/types";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";
import { RecordForm } from "./record-form";
import { useRecordEditor } from "./use-record-editor";

type NestedRecordProps = { collection: Collection; onClose: () => void; onCreated: (id: string) => void };

/** A record made while another one is being filled in, to be chosen there. */
export default function NestedRecord({ collection, onClose, onCreated }: NestedRecordProps) {
  const editor = useRecordEditor(collection, null);
  const form = useRef<HTMLFormElement>(null);
  async function create() {
    const answer = await editor.save();
    if (answer.ok) onCreated(answer.record.id);
  }
  function close() {
    editor.discard();
    onClose();
  }
  return (
    <Modal
      title={`Create ${collection.name}`}
      description="It is chosen as soon as it is there."
      onClose={close}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button tone="primary" busy={editor.busy} onClick={() => form.current?.requestSubmit()}>
            Create record
          </Button>
        </>
      }
    >
      <form
        ref={form}
        noValidate
        className="pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        {editor.failure && (
          <Notice tone="danger" role="alert" className="mb-4">
            {editor.failure}
          </Notice>
        )}
        <RecordForm
          collection={collection}
          fields={editor.fields}
          record={null}
          values={editor.draft.value}
          dirty={editor.draft.dirty}
          errors={editor.errors}
          onChange={editor.set}
          onRevert={(name) => editor.draft.revert(name)}
        />
      </form>
    </Modal>
  );
}
