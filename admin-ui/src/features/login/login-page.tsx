import { GuestCard } from "./card";
import { SignInForm } from "./sign-in-form";

export function LoginPage({ onDone }: { onDone: () => void }) {
  return (
    <GuestCard title="Sign in" lead="Superusers only.">
      <SignInForm email="" onDone={onDone}>
        <p className="text-center">
          <a href="#/request-password-reset" className="text-accent-text underline-offset-2 hover:underline">
            Forgot password?
          </a>
        </p>
      </SignInForm>
    </GuestCard>
  );
}
