import { ChoiceRow, FormPage, Section, TextRow, TwoColumns } from "@/components/form-parts";
import { environmentTones, noEnvironment, useEnvironment } from "@/components/environment";
import { prefs, setDensity, setKeys, setTheme, setZone } from "@/components/prefs";
import { Segmented } from "@/ui/radio";
import { equal } from "@/lib/equal";
import { Button } from "@/ui/button";
import { SwitchRow } from "@/ui/switch";
import { useState } from "react";
import { useStore } from "@/ui/use-store";

const themes = ["system", "light", "dark"] as const;
const densities = ["compact", "default", "comfortable"] as const;

/** How the interface looks and listens. */
export function Appearance() {
  const { theme, density, zone, keys } = useStore(prefs);
  return (
    <FormPage title="Appearance" lead="Theme, rows, times and shortcuts are kept in this browser.">
      <Section title="Theme">
        <Segmented
          label="Theme"
          value={theme}
          options={themes.map((value) => ({ value, label: capital(value) }))}
          onChange={(next) => setTheme(themes.find((known) => known === next) ?? "system")}
        />
      </Section>
      <Section title="Rows">
        <Segmented
          label="Rows"
          value={density}
          options={densities.map((value) => ({ value, label: capital(value) }))}
          onChange={(next) => setDensity(densities.find((known) => known === next) ?? "default")}
        />
      </Section>
      <Section title="Times">
        <Segmented
          label="Times"
          value={zone}
          options={[
            { value: "local", label: "Local time" },
            { value: "utc", label: "UTC" },
          ]}
          onChange={(next) => setZone(next === "utc" ? "utc" : "local")}
        />
      </Section>
      <Section title="Shortcuts">
        <SwitchRow
          label="Single letters are shortcuts"
          help="n for a new record, / for the filter, g and a letter to go somewhere. Keys with Ctrl or ⌘ always work."
          checked={keys}
          onChange={setKeys}
        />
      </Section>
      <EnvironmentSection />
    </FormPage>
  );
}

/** Typed freely and kept with the button, so that a half-typed name is not shown to everybody. */
function EnvironmentSection() {
  const { value, change, onServer } = useEnvironment();
  const [draft, setDraft] = useState(value);
  const [seen, setSeen] = useState(value);
  if (!equal(seen, value)) {
    setSeen(value);
    setDraft(value);
  }
  return (
    <Section
      title="Environment label"
      lead={
        onServer
          ? "Shown on every screen to all superusers of this server."
          : "Shown on every screen in this browser; this server has no place to keep it for others."
      }
    >
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault();
          void change(() => draft);
        }}
      >
        <TwoColumns>
          <TextRow
            label="Label"
            placeholder="PRODUCTION"
            value={draft.label}
            onChange={(label) => setDraft({ ...draft, label: label.slice(0, 40) })}
          />
          <ChoiceRow
            label="Colour"
            help={draft.tone === "red" ? "Red also asks before every save." : undefined}
            value={draft.tone}
            options={environmentTones.map((tone) => ({ value: tone, label: capital(tone) }))}
            onChange={(tone) =>
              setDraft({ ...draft, tone: environmentTones.find((known) => known === tone) ?? "none" })
            }
          />
        </TwoColumns>
        <div className="flex gap-2">
          <Button type="submit" blocked={equal(draft, value) ? "Nothing has changed" : null}>
            Save label
          </Button>
          {value.label !== "" && (
            <Button tone="ghost" onClick={() => void change(() => noEnvironment)}>
              Remove label
            </Button>
          )}
        </div>
      </form>
    </Section>
  );
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
