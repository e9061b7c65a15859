import { useState } from "react";
import { TextRow } from "@/components/form-parts";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { pathProblem } from "./model";

type NewFileProps = { taken: string[]; onClose: () => void; onCreate: (path: string) => void };

export function NewFile({ taken, onClose, onCreate }: NewFileProps) {
  const [name, setName] = useState("");
  const trimmed = name.trim();
  const path = trimmed === "" || trimmed.endsWith(".rhai") ? trimmed : `${trimmed}.rhai`;
  const problem = pathProblem(path, taken);
  return (
    <Modal
      title="New file"
      description="Files in sub-folders, and those that begin with _, are modules for other scripts."
      width="sm"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" blocked={problem} onClick={() => onCreate(path)}>
            Create file
          </Button>
        </>
      }
    >
      <form
        className="pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (problem === null) onCreate(path);
        }}
      >
        <TextRow
          label="Name"
          mono
          placeholder="orders.rhai"
          value={name}
          onChange={setName}
          error={path === "" || problem === null ? undefined : problem}
        />
      </form>
    </Modal>
  );
}
