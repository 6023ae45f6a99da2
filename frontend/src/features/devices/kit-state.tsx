import { buttonClasses } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { kitQuery } from "@/features/auth/kit";
import { factorsQuery } from "@/features/security/queries";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** A kit that was made and not saved yet, and the way to it. */
export function KitUnsaved() {
  const { t } = useTranslation();
  const { data: kit } = useQuery(kitQuery);
  if (!kit) return null;
  return (
    <div className="mt-3">
      <Notice>
        <p className="font-medium">{t("kit.cardTitle")}</p>
        <div className="mt-2.5">
          <Link to="/kit" className={buttonClasses("plain", "small")}>
            {t("kit.cardOpen")}
          </Link>
        </div>
      </Notice>
    </div>
  );
}

/** How many backup codes are left; where new ones are made. */
export function CodesLeft() {
  const { t } = useTranslation();
  const { data: factors } = useQuery(factorsQuery);
  if (!factors) return null;
  return (
    <div className="mt-4 flex flex-col gap-3 border-t border-line pt-4 md:flex-row md:items-center md:justify-between">
      <div>
        <h3 className="font-medium">{t("codes.title")}</h3>
        <p className="text-md text-text-2">
          {t("codes.left", { count: factors.recovery_codes_left })}
        </p>
      </div>
      <Link to="/settings/security" className={`${buttonClasses("plain", "small")} shrink-0`}>
        {t("security.title")}
      </Link>
    </div>
  );
}
