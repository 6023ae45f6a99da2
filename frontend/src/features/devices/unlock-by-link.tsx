import { BigDigits } from "@/components/ui/big-digits";
import { Button } from "@/components/ui/button";
import { QrCode } from "@/components/ui/qr-code";
import { Ring } from "@/components/ui/ring";
import { TimeLeft } from "@/components/ui/time-left";
import { startLink } from "@/core/account";
import { call } from "@/core/core";
import type { LinkHow, LinkState } from "@/core/engine.gen";
import { coreState, patchCore, useCore } from "@/core/store";
import { AuthCard } from "@/features/auth/auth-card";
import { FormFailure } from "@/features/auth/form-failure";
import { useUser } from "@/features/auth/session";
import { useCopy } from "@/lib/use-copy";
import { CheckIcon } from "@phosphor-icons/react/Check";
import { CopyIcon } from "@phosphor-icons/react/Copy";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { linkFailureText } from "./link-failure";

interface UnlockByLinkProps {
  how: LinkHow;
  onBack: () => void;
}

/** This browser asks a device in use to be let in. */
export function UnlockByLink({ how, onBack }: UnlockByLinkProps) {
  const { t } = useTranslation();
  const user = useUser();
  const link = useCore((state) => state.link);
  const [attempt, setAttempt] = useState(0);
  const userId = user.user_id;
  useEffect(() => {
    patchCore({ link: { type: "idle" } });
    void startLink(userId, how);
    return () => {
      if (coreState().link.type !== "done") void call("command", { type: "cancel_link" });
    };
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- each attempt is a new link
  }, [userId, how, attempt]);

  return (
    <AuthCard
      pageTitle={t("unlock.pageTitle")}
      title={t(how === "scan" ? "unlock.scan" : "unlock.typed")}
      lead={t(how === "scan" ? "unlock.scanSteps" : "unlock.typedSteps")}
    >
      <div className="flex flex-col gap-5">
        <Shown link={link} onAgain={() => setAttempt((before) => before + 1)} />
        <Button look="quiet" wide onPress={onBack}>
          {t("unlock.otherWay")}
        </Button>
      </div>
    </AuthCard>
  );
}

function Shown({ link, onAgain }: { link: LinkState; onAgain: () => void }) {
  const { t } = useTranslation();
  switch (link.type) {
    case "show_code":
      return (
        <div className="flex flex-col items-center gap-4">
          <QrCode text={link.text} label={t("unlock.qr")} />
          <TimeLeft until={link.expires_at} />
          <CopyCode text={link.text} />
        </div>
      );
    case "show_digits":
      return (
        <div className="flex flex-col items-center gap-3 rounded-field border border-line bg-surface px-4 py-6">
          <BigDigits digits={link.digits} />
          <TimeLeft until={link.expires_at} />
        </div>
      );
    case "confirm":
      return (
        <div className="flex flex-col gap-4">
          <p>{t("unlock.confirmLink")}</p>
          <Button
            look="primary"
            wide
            onPress={() => void call("command", { type: "confirm_link" })}
          >
            {t("unlock.tookThem")}
          </Button>
          <Button wide onPress={onAgain}>
            {t("unlock.tookNone")}
          </Button>
          <TimeLeft until={link.expires_at} />
        </div>
      );
    case "failed":
      return (
        <div className="flex flex-col gap-4">
          <FormFailure text={linkFailureText(link.reason, t)} />
          <Button look="primary" wide onPress={onAgain}>
            {t("unlock.newCode")}
          </Button>
        </div>
      );
    default:
      return (
        <div className="flex flex-col items-center gap-3 py-4">
          <p role="status" className="flex items-center gap-2.5 text-text-2">
            <Ring size={18} />
            {t(link.type === "done" ? "unlock.settingUp" : waiting(link))}
          </p>
          {link.type === "waiting" && link.expires_at !== null && (
            <TimeLeft until={link.expires_at} />
          )}
        </div>
      );
  }
}

/** Before there is a link the server is asked for one; then the other device has the word. */
function waiting(link: LinkState): "unlock.waiting" | "unlock.preparing" {
  const under = link.type === "waiting" && link.expires_at !== null;
  return under ? "unlock.waiting" : "unlock.preparing";
}

/** For a device in use that has no camera. */
function CopyCode({ text }: { text: string }) {
  const { t } = useTranslation();
  const { copied, copy } = useCopy();
  return (
    <div className="flex flex-col items-center gap-1.5">
      <Button size="small" onPress={() => void copy(text)}>
        {copied ? <CheckIcon size={16} /> : <CopyIcon size={16} />}
        <span aria-live="polite">{copied ? t("common.copied") : t("unlock.copyCode")}</span>
      </Button>
      <p className="text-center text-sm text-text-2">{t("unlock.copyHint")}</p>
    </div>
  );
}
