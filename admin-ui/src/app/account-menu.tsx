import { FileCode, Gauge, Keyboard, LogOut, Monitor, Moon, ShieldCheck, Sun, UserRound, Workflow } from "lucide-react";
import { currentEmail } from "@/api/auth";
import { prefs, setTheme } from "@/components/prefs";
import { leaveSession } from "@/components/session";
import { cx } from "@/lib/cx";
import { Menu } from "@/ui/menu";
import { useStore } from "@/ui/use-store";

type AccountMenuProps = { onNavigate: (to: string) => void; onHelp: () => void; more?: boolean };

/** Who is signed in, how it looks, and the way out. `more` holds what has no room elsewhere on a small screen. */
export function AccountMenu({ onNavigate, onHelp, more }: AccountMenuProps) {
  const { theme } = useStore(prefs);
  const email = currentEmail();
  return (
    <Menu
      align="start"
      trigger={
        <button
          type="button"
          aria-label={`Account ${email}`}
          className={cx(
            "flex size-9 items-center justify-center rounded-full border border-line-strong bg-raised font-semibold text-ink-2 uppercase hover:text-ink",
          )}
        >
          {email === "" ? <UserRound size={16} /> : email.slice(0, 1)}
        </button>
      }
      items={[
        { kind: "heading", label: email },
        { kind: "separator", label: "theme" },
        { kind: "heading", label: "Theme" },
        {
          kind: "radio",
          label: "System",
          icon: <Monitor size={14} />,
          checked: theme === "system",
          run: () => setTheme("system"),
        },
        {
          kind: "radio",
          label: "Light",
          icon: <Sun size={14} />,
          checked: theme === "light",
          run: () => setTheme("light"),
        },
        {
          kind: "radio",
          label: "Dark",
          icon: <Moon size={14} />,
          checked: theme === "dark",
          run: () => setTheme("dark"),
        },
        { kind: "separator", label: "end" },
        ...(more
          ? [
              { label: "Overview", icon: <Gauge size={14} />, run: () => onNavigate("/overview") },
              { label: "Diagram", icon: <Workflow size={14} />, run: () => onNavigate("/diagram") },
              { label: "Hooks", icon: <FileCode size={14} />, run: () => onNavigate("/hooks") },
              { label: "Access", icon: <ShieldCheck size={14} />, run: () => onNavigate("/access") },
            ]
          : []),
        { label: "Appearance", icon: <Monitor size={14} />, run: () => onNavigate("/settings/appearance") },
        { label: "Keyboard shortcuts", icon: <Keyboard size={14} />, run: onHelp },
        {
          label: "Sign out",
          icon: <LogOut size={14} />,
          run: () => {
            leaveSession();
            onNavigate("/login");
          },
        },
      ]}
    />
  );
}
