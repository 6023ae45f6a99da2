import { api } from "@/core/api";
import { useTranslation } from "react-i18next";
import { FactorCard } from "./factor-card";
import { type Challenge, useFinishSignIn } from "./use-sign-in";

interface SignInCodeProps {
  challenge: Challenge;
  onStartOver: () => void;
}

export function SignInCode({ challenge, onStartOver }: SignInCodeProps) {
  const { t } = useTranslation();
  const finish = useFinishSignIn();
  return (
    <FactorCard
      challenge={challenge}
      action={t("signInCode.submit")}
      onAnswer={async (given) =>
        finish(await api.verifyLogin({ ...given, remember: challenge.remember }))
      }
      onStartOver={onStartOver}
    />
  );
}
