import { FormPage, Section } from "@/components/form-parts";
import { prefs, setDensity, setTheme, setZone } from "@/components/prefs";
import { Segmented } from "@/ui/radio";
import { useStore } from "@/ui/use-store";

const themes = ["system", "light", "dark"] as const;
const densities = ["compact", "default", "comfortable"] as const;

/** For this browser only. */
export function Appearance() {
  const { theme, density, zone } = useStore(prefs);
  return (
    <FormPage title="Appearance" lead="Kept in this browser; other superusers have their own.">
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
    </FormPage>
  );
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
