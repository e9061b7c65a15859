import { useQuery } from "@tanstack/react-query";
import { LogOut } from "lucide-react";
import { updateCollection } from "@/api/collections";
import { countQuery } from "@/api/records";
import { confirm } from "@/components/confirm";
import { Section, TwoColumns } from "@/components/form-parts";
import { toast } from "@/components/toasts";
import { count } from "@/lib/words";
import { Button } from "@/ui/button";
import { Seconds, type AuthSectionProps } from "./parts";

const tokens = [
  { key: "authToken", label: "Session" },
  { key: "verificationToken", label: "Verification link" },
  { key: "passwordResetToken", label: "Password reset link" },
  { key: "emailChangeToken", label: "E-mail change link" },
  { key: "fileToken", label: "Protected file" },
] as const;

export function Tokens({ draft, errors }: AuthSectionProps) {
  const stored = draft.base.id !== "";
  return (
    <Section
      title="Token lifetimes"
      aside={
        stored && (
          <Button size="sm" onClick={() => askSignOut(draft.base.id, draft.base.name)}>
            <LogOut size={12} aria-hidden /> Sign everyone out…
          </Button>
        )
      }
    >
      <TwoColumns>
        {tokens.map(({ key, label }) => {
          const token = draft.value[key];
          return (
            token && (
              <Seconds
                key={key}
                label={`${label} (seconds)`}
                value={token.duration}
                error={errors[`${key}.duration`]}
                onChange={(duration) => draft.set({ [key]: { ...token, duration } })}
              />
            )
          );
        })}
      </TwoColumns>
    </Section>
  );
}

/** A new secret makes every session token of the collection worthless. */
function askSignOut(id: string, name: string) {
  confirm({
    title: `Sign everyone of ${name} out?`,
    verb: "Sign everyone out",
    body: <Everyone name={name} />,
    run: async () => {
      await updateCollection(id, { authToken: { secret: freshSecret() } });
      toast(`All sessions of ${name} ended`);
    },
  });
}

function Everyone({ name }: { name: string }) {
  const total = useQuery(countQuery(name, "")).data;
  const whose = total === undefined ? "every record in this collection" : count(total, "record");
  return <>Every session of {whose} ends at once, also on phones and in other browsers.</>;
}

function freshSecret(): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  const bytes = crypto.getRandomValues(new Uint8Array(50));
  return [...bytes].map((byte) => letters[byte % letters.length] ?? "0").join("");
}
