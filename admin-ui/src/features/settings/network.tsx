import { useQuery } from "@tanstack/react-query";
import { healthQuery } from "@/api/settings";
import { errorUnder, FormPage, ListRow, Section } from "@/components/form-parts";
import { Button } from "@/ui/button";
import { Notice } from "@/ui/notice";
import { SwitchRow } from "@/ui/switch";
import type { SettingsForm } from "./use-settings";

export function Network({ form }: { form: SettingsForm }) {
  const { trustedProxy } = form.value;
  const superuserIPs = form.value.superuserIPs ?? [];
  const health = useQuery(healthQuery).data;
  const mine = health?.realIP ?? "";
  const hint = health?.possibleProxyHeader ?? "";
  const { errors } = form;
  return (
    <FormPage title="Network" lead="Who the server believes it is talking to.">
      <Section title="Reverse proxy">
        {mine !== "" && (
          <p className="text-ink-2">
            Your address is seen as <code className="font-mono text-code text-ink">{mine}</code>. If that is your proxy,
            name the header it puts your address into.
          </p>
        )}
        {hint !== "" && !trustedProxy.headers.includes(hint) && (
          <Notice tone="info">
            This request carries the header <code>{hint}</code>.{" "}
            <Button
              size="sm"
              onClick={() =>
                form.draft.set({ trustedProxy: { ...trustedProxy, headers: [...trustedProxy.headers, hint] } })
              }
            >
              Trust it
            </Button>
          </Notice>
        )}
        <ListRow
          label="Trusted headers"
          placeholder="X-Forwarded-For"
          help="Only headers that your proxy always overwrites: clients can send any header they like."
          values={trustedProxy.headers}
          error={errorUnder(errors, "trustedProxy.headers")}
          onChange={(headers) => form.draft.set({ trustedProxy: { ...trustedProxy, headers } })}
        />
        <SwitchRow
          label="Take the first address"
          help="Of several in a header. Without it the last one counts, which clients can't forge."
          checked={trustedProxy.useLeftmostIP}
          onChange={(useLeftmostIP) => form.draft.set({ trustedProxy: { ...trustedProxy, useLeftmostIP } })}
        />
      </Section>
      <Section title="Superuser addresses">
        <ListRow
          label="Superusers only from"
          placeholder="203.0.113.7 or 10.0.0.0/8"
          help="Addresses or networks. Empty allows every address."
          values={superuserIPs}
          error={errorUnder(errors, "superuserIPs")}
          onChange={(next) => form.draft.set({ superuserIPs: next })}
        />
        {form.blocked && (
          <Notice tone="danger" role="alert">
            {form.blocked}{" "}
            <Button size="sm" onClick={() => form.draft.set({ superuserIPs: [...superuserIPs, mine] })}>
              Add my address
            </Button>
          </Notice>
        )}
      </Section>
    </FormPage>
  );
}
