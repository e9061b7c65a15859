import { Eye, EyeOff } from "lucide-react";
import { useState, type Ref } from "react";
import { IconButton } from "@/ui/button";
import { FieldBox } from "@/ui/field";

type PasswordBoxProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
  help?: string;
  autoComplete: "current-password" | "new-password";
  inputRef?: Ref<HTMLInputElement>;
};

export function PasswordBox({ label, value, onChange, error, help, autoComplete, inputRef }: PasswordBoxProps) {
  const [shown, setShown] = useState(false);
  return (
    <FieldBox label={label} error={error} help={help}>
      {(control) => (
        <div className="relative">
          <input
            {...control}
            ref={inputRef}
            type={shown ? "text" : "password"}
            autoComplete={autoComplete}
            spellCheck={false}
            className="control !min-h-9 !pe-10 !text-md"
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <span className="absolute inset-y-0 end-1 flex items-center">
            <IconButton
              label={shown ? `Hide ${label.toLowerCase()}` : `Show ${label.toLowerCase()}`}
              small
              onClick={() => setShown(!shown)}
            >
              {shown ? <EyeOff size={14} /> : <Eye size={14} />}
            </IconButton>
          </span>
        </div>
      )}
    </FieldBox>
  );
}
