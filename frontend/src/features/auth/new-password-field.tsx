import { limits } from "@/protocol.gen";
import type { ComponentProps } from "react";
import type { Owner } from "./new-password";
import { PasswordField } from "./password-field";
import { passwordStrength } from "./password-strength";
import { StrengthMeter } from "./strength-meter";

type NewPasswordFieldProps = ComponentProps<typeof PasswordField> & { value: string; owner: Owner };

/** A password to be chosen, with how hard it is to guess. */
export function NewPasswordField({ owner, ...props }: NewPasswordFieldProps) {
  const personal = [owner.username, ...owner.email.split("@")];
  return (
    <div className="flex flex-col gap-2">
      <PasswordField {...props} autoComplete="new-password" />
      {props.value && (
        <StrengthMeter strength={passwordStrength(props.value, limits.PASSWORD_MIN, personal)} />
      )}
    </div>
  );
}
