import { Ellipsis } from "lucide-react";
import { useEffect } from "react";
import { impersonate, requestPasswordReset, requestVerification } from "@/api/auth";
import { inFull } from "@/api/errors";
import { updateRecord } from "@/api/records";
import type { Collection, RecordRow } from "@/api/types";
import { confirm } from "@/components/confirm";
import { copyText } from "@/components/copy";
import { toast } from "@/components/toasts";
import { toText } from "@/lib/assert";
import { IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";
import type { MenuItem } from "@/ui/menu-list";
import { copyOf, formFields, toForm } from "./form-model";
import { handOver, takeBack } from "./hand-over";

type RecordMenuProps = {
  collection: Collection;
  record: RecordRow | null;
  onOpen: (id: string) => void;
  onDelete: (record: RecordRow) => void;
};

/** What else can be done with a record. */
export function RecordMenu({ collection, record, onOpen, onDelete }: RecordMenuProps) {
  const view = collection.type === "view";
  // A copy that was not begun after all is not what the next new record starts with.
  useEffect(() => () => takeBack(collection.id), [collection.id]);

  function duplicate() {
    const fields = formFields(collection, false);
    handOver(collection.id, "new", copyOf(fields, toForm(fields, record)));
    onOpen("new");
  }
  return (
    <Menu
      trigger={
        <IconButton label="More actions">
          <Ellipsis size={16} />
        </IconButton>
      }
      items={[
        { label: "Copy JSON", run: () => copyText("JSON", JSON.stringify({ ...record, expand: undefined }, null, 2)) },
        { label: "Copy link", run: () => copyText("Link", window.location.href) },
        {
          label: "Duplicate…",
          blocked: view ? "Records of a view can't be made" : undefined,
          run: duplicate,
        },
        ...(record && collection.type === "auth" ? accountItems(collection, record) : []),
        { kind: "separator", label: "delete" },
        {
          label: "Delete…",
          danger: true,
          blocked: view ? "Records of a view can't be deleted" : undefined,
          run: () => record && onDelete(record),
        },
      ]}
    />
  );
}

/** What support needs for an account: mails, a token to see what they see, and an end to their sessions. */
function accountItems(collection: Collection, record: RecordRow): MenuItem[] {
  const email = toText(record["email"]);
  const who = email || record.id;
  const noEmail = email === "" ? "It has no e-mail address" : undefined;
  const send = async (what: string, sending: Promise<unknown>) => {
    try {
      await sending;
      toast(`${what} sent to ${email}`);
    } catch (error) {
      toast(`${what} could not be sent. ${inFull(error)}`, "danger");
    }
  };
  return [
    { kind: "separator", label: "account" },
    {
      label: "Send verification e-mail",
      blocked: noEmail ?? (record["verified"] === true ? "The address is verified" : undefined),
      run: () => void send("Verification e-mail", requestVerification(collection.name, email)),
    },
    {
      label: "Send password reset e-mail",
      blocked: noEmail,
      run: () => void send("Password reset e-mail", requestPasswordReset(email, collection.name)),
    },
    { label: "Make a token…", run: () => void showToken(collection.name, record.id, who) },
    {
      label: "End all sessions…",
      run: () =>
        confirm({
          title: `End all sessions of ${who}?`,
          verb: "End all sessions",
          body: "Every device has to sign in again; links in mails that were sent before stop working too.",
          run: async () => {
            await updateRecord(collection.name, record.id, { "tokenKey:autogenerate": "" });
            toast(`All sessions of ${who} ended`);
          },
        }),
    },
  ];
}

/** Shown as well: there is no clipboard without a secure connection. */
async function showToken(collection: string, id: string, who: string): Promise<void> {
  try {
    const token = await impersonate(collection, id);
    confirm({
      title: `A token for ${who}`,
      verb: "Copy token",
      cancel: "Close",
      tone: "primary",
      body: (
        <>
          Whoever has it is signed in as this account until it expires. It can&apos;t be renewed.
          <code className="mt-3 block rounded-md bg-sunken p-2 font-mono text-code break-all text-ink">{token}</code>
        </>
      ),
      run: () => copyText("Token", token),
    });
  } catch (error) {
    toast(`No token could be made. ${inFull(error)}`, "danger");
  }
}
