import { useCore } from "@/core/store";
import { CloudSlashIcon } from "@phosphor-icons/react/CloudSlash";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

/** A short break is not worth a word. */
const PATIENCE = 2_500;

/** Says that the server has been out of reach for a moment, and what waits to be sent. */
export function OfflineBanner() {
  const { t } = useTranslation();
  const offline = useCore((state) => state.phase?.type === "offline");
  const count = useCore((state) => state.outbox);
  const [waited, setWaited] = useState(false);

  useEffect(() => {
    if (!offline) return;
    const timer = setTimeout(() => setWaited(true), PATIENCE);
    return () => {
      clearTimeout(timer);
      setWaited(false);
    };
  }, [offline]);

  return (
    <div role="status">
      {offline && waited && (
        <p className="animate-fade flex items-center justify-center gap-2.5 bg-warn-soft px-4 py-2 text-md text-warn">
          <CloudSlashIcon size={18} aria-hidden="true" className="shrink-0" />
          {t("connection.banner", { count })}
        </p>
      )}
    </div>
  );
}
