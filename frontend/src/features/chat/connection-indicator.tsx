import { useCore } from "@/core/store";
import { classNames } from "@/lib/class-names";
import { useTranslation } from "react-i18next";

/** Always there: whether what one writes goes out now. */
export function ConnectionIndicator() {
  const { t } = useTranslation();
  const phase = useCore((state) => state.phase?.type ?? null);
  const state = phase === "live" ? "connected" : phase === "offline" ? "offline" : "connecting";
  return (
    <span role="status" className="inline-flex items-center gap-2 text-md text-text-2">
      <span
        aria-hidden="true"
        className={classNames(
          "size-2.5 rounded-full transition-colors",
          state === "connected" && "bg-online",
          state === "connecting" && "animate-pulse bg-warn",
          state === "offline" && "border-2 border-edge",
        )}
      />
      {t(`connection.${state}`)}
    </span>
  );
}
