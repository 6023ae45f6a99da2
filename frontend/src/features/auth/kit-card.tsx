import { buttonClasses } from "@/components/ui/button";
import { LifebuoyIcon } from "@phosphor-icons/react/Lifebuoy";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { kitQuery } from "./kit";

/** Stands above the conversations until the backup codes are saved. */
export function KitCard() {
  const { t } = useTranslation();
  const { data: codes } = useQuery(kitQuery);
  if (!codes) return null;
  return (
    <section
      aria-label={t("kit.cardTitle")}
      className="flex items-start gap-3 rounded-field bg-warn-soft p-4 text-warn"
    >
      <LifebuoyIcon size={22} aria-hidden="true" className="mt-0.5 shrink-0" />
      <div className="flex flex-col items-start gap-2">
        <p className="font-medium">{t("kit.cardTitle")}</p>
        <p className="text-md">{t("kit.cardText")}</p>
        <Link to="/kit" className={buttonClasses("plain", "small")}>
          {t("kit.cardOpen")}
        </Link>
      </div>
    </section>
  );
}
