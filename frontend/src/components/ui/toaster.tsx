import { XIcon } from "@phosphor-icons/react/X";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { IconButton } from "./icon-button";
import { dismissToast, holdToasts, releaseToasts, toasts } from "./toasts";

/** The corner where toasts stand. They wait while a pointer or the focus is on them. */
export function Toaster() {
  const { t } = useTranslation();
  const list = useSyncExternalStore(toasts.subscribe, toasts.list);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- it only waits
    <section
      aria-label={t("toasts.region")}
      aria-live="polite"
      aria-relevant="additions"
      className="pointer-events-none fixed inset-x-3 top-[max(12px,env(safe-area-inset-top))] z-40 flex flex-col items-center gap-2 md:inset-x-auto md:top-[76px] md:right-6 md:items-end"
      onPointerEnter={holdToasts}
      onPointerLeave={releaseToasts}
      onFocus={holdToasts}
      onBlur={releaseToasts}
    >
      {list.map((toast) => (
        <div
          key={toast.id}
          className="animate-enter pointer-events-auto flex w-full max-w-sm items-center gap-3 rounded-field bg-surface py-2 pr-1.5 pl-4 text-md shadow-popover md:min-w-80"
        >
          <p className="min-w-0 grow py-1">{toast.text}</p>
          {toast.action && (
            <Button
              look="moss"
              size="small"
              onPress={() => {
                toast.action?.run();
                dismissToast(toast.id);
              }}
            >
              {toast.action.label}
            </Button>
          )}
          <IconButton label={t("common.close")} onPress={() => dismissToast(toast.id)}>
            <XIcon size={18} />
          </IconButton>
        </div>
      ))}
    </section>
  );
}
