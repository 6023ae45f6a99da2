import { IconButton } from "@/components/ui/icon-button";
import { TextField } from "@/components/ui/text-field";
import { EyeIcon } from "@phosphor-icons/react/Eye";
import { EyeSlashIcon } from "@phosphor-icons/react/EyeSlash";
import { type ComponentProps, useState } from "react";
import { useTranslation } from "react-i18next";

type PasswordFieldProps = Omit<ComponentProps<typeof TextField>, "type" | "action">;

/** A password, which a button shows. */
export function PasswordField(props: PasswordFieldProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <TextField
      {...props}
      type={shown ? "text" : "password"}
      spellCheck="false"
      action={
        <IconButton
          label={shown ? t("signUp.hidePassword") : t("signUp.showPassword")}
          onPress={() => setShown(!shown)}
        >
          {shown ? <EyeSlashIcon size={20} /> : <EyeIcon size={20} />}
        </IconButton>
      }
    />
  );
}
