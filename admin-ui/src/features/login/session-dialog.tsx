import { useQueryClient } from "@tanstack/react-query";
import { sessionEnded } from "@/components/session";
import { Modal } from "@/ui/dialog";
import { useStore } from "@/ui/use-store";
import { SignInForm } from "./sign-in-form";

/** Over the page that was open, so that a form keeps what was typed. */
export function SessionDialog() {
  const ended = useStore(sessionEnded);
  const client = useQueryClient();
  if (!ended) return null;
  return (
    <Modal
      title="Sign in again"
      description="Your session ended. What you typed is still here."
      width="sm"
      onClose={() => sessionEnded.set(null)}
    >
      <div className="pb-4">
        <SignInForm
          email={ended.email}
          onDone={() => {
            sessionEnded.set(null);
            void client.invalidateQueries();
          }}
        />
      </div>
    </Modal>
  );
}
