import { Button } from "@/components/ui/button";
import type { Comparison } from "@/core/engine.gen";
import { SealCheckIcon } from "@phosphor-icons/react/SealCheck";
import { SealWarningIcon } from "@phosphor-icons/react/SealWarning";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { declineKeys, useTrust } from "./use-trust";

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

/** Whether somebody may stand between the two. */
export const isAlarming = (result: Comparison): boolean =>
  result === "different" || result === "previous";

export function resultTitle(result: Comparison, name: string, t: TFunction): string {
  return t(titles[result], { name });
}

/** What a comparison came to, and what to do now. */
export function ResultText({ result, name }: { result: Comparison; name: string }) {
  const { t } = useTranslation();
  const same = result === "same";
  return (
    <>
      {same && (
        <SealCheckIcon
          size={64}
          weight="duotone"
          aria-hidden="true"
          className="mx-auto text-verified"
        />
      )}
      {isAlarming(result) && (
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
    </>
  );
}

interface ResultActionsProps {
  userId: string;
  result: Comparison;
  onAgain: () => void;
  onClose: () => void;
}

export function ResultActions({ userId, result, onAgain, onClose }: ResultActionsProps) {
  const { t } = useTranslation();
  const change = useTrust(userId)?.change ?? null;
  if (result === "same") {
    return (
      <Button look="primary" onPress={onClose}>
        {t("common.done")}
      </Button>
    );
  }
  if (result === "previous" && change && !change.declined) {
    return (
      <>
        <Button
          look="primary"
          onPress={() => {
            declineKeys(userId, change);
            onClose();
          }}
        >
          {t("trust.stay")}
        </Button>
        <Button onPress={onAgain}>{t("trust.again")}</Button>
      </>
    );
  }
  return (
    <>
      <Button look="primary" onPress={onAgain}>
        {t("trust.again")}
      </Button>
      <Button onPress={onClose}>{t("common.close")}</Button>
    </>
  );
}
