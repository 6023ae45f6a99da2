import { useMedia } from "@/lib/use-media";
import { usePageTitle } from "@/lib/use-page-title";
import { useTranslation } from "react-i18next";
import { ProfilePage } from "./profile-page";

/** Beside the list of sections stands the first; on a phone the list is all there is. */
export function SettingsIndex() {
  const beside = useMedia("(min-width: 52rem)");
  return beside ? <ProfilePage /> : <Title />;
}

function Title() {
  const { t } = useTranslation();
  usePageTitle(t("settings.pageTitle"));
  return null;
}
