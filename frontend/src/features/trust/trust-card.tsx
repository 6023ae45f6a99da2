import { Button } from "@/components/ui/button";
import { SealCheckIcon } from "@phosphor-icons/react/SealCheck";
import { SealQuestionIcon } from "@phosphor-icons/react/SealQuestion";
import { useTranslation } from "react-i18next";
import { openSafety } from "./safety-open";
import { useIsVerified, useTrust } from "./use-trust";

/** How a person's keys stand, among their details. */
export function TrustCard({ userId, name }: { userId: string; name: string }) {
  const { t } = useTranslation();
  const verified = useIsVerified(userId);
  const trust = useTrust(userId);
  const Icon = verified ? SealCheckIcon : SealQuestionIcon;
  const reported = trust?.reported.length ?? 0;
  return (
    <section className="flex flex-col gap-2 rounded-field bg-sunken px-4 py-3.5 text-md text-text-2">
      <h3 className="flex items-center gap-2 font-medium text-text">
        <Icon
          size={18}
          weight={verified ? "fill" : "regular"}
          aria-hidden="true"
          className={verified ? "text-verified" : undefined}
        />
        {t(trust?.change ? "trust.cardChanged" : verified ? "trust.verified" : "trust.cardOpen")}
      </h3>
      <p>
        {t(
          trust?.change
            ? "trust.cardChangedText"
            : verified
              ? "trust.markText"
              : "trust.cardOpenText",
          { name },
        )}
      </p>
      {reported > 0 && <p>{t("trust.reported", { name, count: reported })}</p>}
      <div>
        <Button size="small" onPress={() => openSafety(userId)}>
          {t(verified ? "trust.show" : "trust.compare")}
        </Button>
      </div>
    </section>
  );
}
