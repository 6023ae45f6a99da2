import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components";
import { openSafety } from "./safety-open";

/** Under the line that tells of new keys: what that may mean, and the way to be sure. */
export function KeysChangedHint({ userId }: { userId: string }) {
  const { t } = useTranslation();
  return (
    <>
      <p>{t("trust.lineHint")}</p>
      <Button
        onPress={() => openSafety(userId)}
        className="cursor-default font-medium underline underline-offset-2 pointer-coarse:min-h-11"
      >
        {t("trust.compare")}
      </Button>
    </>
  );
}
