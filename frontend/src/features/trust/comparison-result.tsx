import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import type { Comparison } from "@/core/engine.gen";
import { SealCheckIcon } from "@phosphor-icons/react/SealCheck";
import { SealWarningIcon } from "@phosphor-icons/react/SealWarning";
import { useTranslation } from "react-i18next";
import { declineKeys, useTrust } from "./use-trust";

interface ComparisonResultProps {
  userId: string;
  name: string;
  result: Comparison;
  onAgain: () => void;
  onClose: () => void;
}

const titles = {
  same: "trust.same",
  different: "trust.different",
  previous: "trust.previous",
  own: "trust.own",
  other_person: "trust.otherPerson",
  newer: "trust.newer",
  unreadable: "trust.unreadable",
} as const;

const texts = {
  same: "trust.sameText",
  different: "trust.differentText",
  previous: "trust.previousText",
  own: "trust.ownText",
  other_person: "trust.otherPersonText",
  newer: "trust.newerText",
  unreadable: "trust.unreadableText",
} as const;

/** What a comparison came to, and what to do now. */
export function ComparisonResult({
  userId,
  name,
  result,
  onAgain,
  onClose,
}: ComparisonResultProps) {
  const { t } = useTranslation();
  const change = useTrust(userId)?.change ?? null;
  const same = result === "same";
  const alarming = result === "different" || result === "previous";

  function stay(): void {
    if (change) declineKeys(userId, change);
    onClose();
  }

  return (
    <Dialog
      title={t(titles[result], { name })}
      isOpen
      onClose={onClose}
      warns={alarming}
      actions={
        same ? (
          <Button look="primary" onPress={onClose}>
            {t("common.done")}
          </Button>
        ) : result === "previous" && change && !change.declined ? (
          <>
            <Button look="primary" onPress={stay}>
              {t("trust.stay")}
            </Button>
            <Button onPress={onAgain}>{t("trust.again")}</Button>
          </>
        ) : (
          <>
            <Button look="primary" onPress={onAgain}>
              {t("trust.again")}
            </Button>
            <Button onPress={onClose}>{t("common.close")}</Button>
          </>
        )
      }
    >
      {same && (
        <SealCheckIcon
          size={64}
          weight="duotone"
          aria-hidden="true"
          className="mx-auto text-verified"
        />
      )}
      {alarming && (
        <SealWarningIcon
          size={64}
          weight="duotone"
          aria-hidden="true"
          className="mx-auto text-danger"
        />
      )}
      <p role={same ? "status" : "alert"}>{t(texts[result], { name })}</p>
      {result === "different" && (
        <ol className="flex list-decimal flex-col gap-1.5 pl-5">
          <li>{t("trust.differentReload", { name })}</li>
          <li>{t("trust.differentAgain")}</li>
          <li>{t("trust.differentStop", { name })}</li>
        </ol>
      )}
    </Dialog>
  );
}
