/** The sections of the settings and what people look for in them. */
export const sections = [
  { id: "application", label: "Application" },
  { id: "mail", label: "Mail" },
  { id: "storage", label: "File storage" },
  { id: "limits", label: "Limits" },
  { id: "network", label: "Network" },
  { id: "logs", label: "Logs" },
  { id: "backups", label: "Backups" },
  { id: "schema-sync", label: "Schema sync" },
  { id: "superusers", label: "Superusers" },
  { id: "appearance", label: "Appearance" },
] as const;

export type SectionId = (typeof sections)[number]["id"];

export function sectionOf(text: string): SectionId {
  return sections.find((section) => section.id === text)?.id ?? "application";
}
