import { classNames } from "@/lib/class-names";
import { SealCheckIcon } from "@phosphor-icons/react/SealCheck";
import { Button, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { openSafety } from "./safety-open";
import { useIsVerified } from "./use-trust";

interface VerifiedMarkProps {
  userId: string;
  name: string;
  /** In pixels. */
  size?: number;
}

/** Beside a name: the person's keys were compared. A press says what that means. */
export function VerifiedMark({ userId, name, size = 18 }: VerifiedMarkProps) {
  const { t } = useTranslation();
  const verified = useIsVerified(userId);
  if (!verified) return null;
  return (
    <DialogTrigger>
      <Button
        aria-label={t("trust.markLabel", { name })}
        className={classNames(
          "relative inline-grid size-6 shrink-0 cursor-default place-items-center rounded-full text-verified data-hovered:bg-selected",
          // Larger for fingers than for the eye.
          "pointer-coarse:after:absolute pointer-coarse:after:-inset-2.5",
        )}
      >
        <SealCheckIcon size={size} weight="fill" aria-hidden="true" />
      </Button>
      <Popover
        placement="bottom"
        offset={6}
        className="animate-enter w-72 max-w-[calc(100vw-24px)] rounded-field bg-surface shadow-popover"
      >
        <Dialog
          aria-label={t("trust.verified")}
          className="flex flex-col gap-2 p-4 text-md outline-none"
        >
          {({ close }) => (
            <>
              <p className="flex items-center gap-2 font-medium text-verified">
                <SealCheckIcon size={18} weight="fill" aria-hidden="true" />
                {t("trust.verified")}
              </p>
              <p className="text-text-2">{t("trust.markText", { name })}</p>
              <Button
                onPress={() => {
                  close();
                  openSafety(userId);
                }}
                className="min-h-8 cursor-default self-start text-link underline underline-offset-2 pointer-coarse:min-h-11"
              >
                {t("trust.show")}
              </Button>
            </>
          )}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
