import { Notice } from "@/components/ui/notice";
import { useCore } from "@/core/store";
import { useTranslation } from "react-i18next";

/** This device lost its place and takes it up again by itself: why, and what is missing then. */
export function RejoinNotice({ fault }: { fault: "rolled_back" | "lost" }) {
  const { t } = useTranslation();
  const offline = useCore((state) => state.phase?.type !== "live");
  return (
    <Notice tone="calm">
      <p>{t(fault === "lost" ? "trust.lost" : "trust.rolledBack")}</p>
      <p className="mt-1">{t(offline ? "trust.rejoinsLater" : "trust.rejoins")}</p>
    </Notice>
  );
}
