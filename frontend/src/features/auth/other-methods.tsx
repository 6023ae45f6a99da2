import { Button } from "@/components/ui/button";
import { passkeysWork } from "@/core/passkeys";
import type { Method } from "@/protocol.gen";
import { useTranslation } from "react-i18next";

const order: Method[] = ["passkey", "totp", "email", "telegram", "recovery"];

/** Those that can be used in this browser, the surest first. */
export function usableMethods(methods: Method[]): Method[] {
  return order.filter(
    (method) => methods.includes(method) && (method !== "passkey" || passkeysWork()),
  );
}

interface OtherMethodsProps {
  methods: Method[];
  current: Method;
  onChoose: (method: Method) => void;
  /** The way back to the beginning, where there is one. */
  onStartOver?: () => void;
}

/** The other ways in, one press away. */
export function OtherMethods({ methods, current, onChoose, onStartOver }: OtherMethodsProps) {
  const { t } = useTranslation();
  const others = usableMethods(methods).filter((method) => method !== current);
  const canResend = current === "email" || current === "telegram";
  if (!canResend && !onStartOver && others.length === 0) return null;
  return (
    <div className="flex flex-col gap-1 border-t border-line pt-3">
      {canResend && (
        <Button look="quiet" size="small" wide onPress={() => onChoose(current)}>
          {t("signInCode.sendAgain")}
        </Button>
      )}
      {others.map((method) => (
        <Button key={method} look="quiet" size="small" wide onPress={() => onChoose(method)}>
          {t(`signInCode.methods.${method}`)}
        </Button>
      ))}
      {onStartOver && (
        <Button look="quiet" size="small" wide onPress={onStartOver}>
          {t("signInCode.startOver")}
        </Button>
      )}
    </div>
  );
}
