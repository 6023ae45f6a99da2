import { Checkbox } from "@/components/ui/checkbox";
import { api } from "@/core/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FactorCard } from "./factor-card";
import { type Challenge, useFinishSignIn } from "./use-sign-in";

interface SignInCodeProps {
  challenge: Challenge;
  onStartOver: () => void;
}

/** The second factor of signing in. */
export function SignInCode({ challenge, onStartOver }: SignInCodeProps) {
  const { t } = useTranslation();
  const finish = useFinishSignIn();
  const [rememberBrowser, setRememberBrowser] = useState(false);
  return (
    <FactorCard
      challenge={challenge}
      action={t("signInCode.submit")}
      onAnswer={async (given) =>
        finish(
          await api.verifyLogin({
            ...given,
            remember: challenge.remember,
            remember_browser: rememberBrowser,
          }),
        )
      }
      onStartOver={onStartOver}
    >
      <Checkbox isSelected={rememberBrowser} onChange={setRememberBrowser}>
        {t("signInCode.rememberBrowser")}
      </Checkbox>
    </FactorCard>
  );
}
