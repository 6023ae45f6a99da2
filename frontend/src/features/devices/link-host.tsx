import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { QrScanner } from "@/components/ui/qr-scanner";
import { onCoreEvent, call } from "@/core/core";
import { KeyboardIcon } from "@phosphor-icons/react/Keyboard";
import { QrCodeIcon } from "@phosphor-icons/react/QrCode";
import { useNavigate } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { LinkFollow } from "./link-follow";
import {
  chooseDigits,
  chooseScan,
  closeLinking,
  notMine,
  openLinking,
  scanned,
  useLinkScreen,
} from "./linking";
import { stepUp, useStepUpQuestion } from "./step-up";
import { WayButton } from "./way-button";

/** Letting a new device in: begun here, or asked for by the new device, wherever one is. */
export function LinkHost() {
  const screen = useLinkScreen();
  const question = useStepUpQuestion();
  useFactorForLink();
  useEffect(() => closeLinking, []);
  if (screen.type === "closed") return null;
  if (screen.type === "follow") {
    return (
      <LinkFollow
        link={screen.link}
        isOpen={question === null}
        onAgain={openLinking}
        onNotMine={notMine}
        onClose={closeLinking}
      />
    );
  }
  if (screen.type === "not_mine") return <NotMine />;
  if (screen.type === "scan") return <Scan error={screen.error} sent={screen.sent} />;
  if (screen.type === "await") return <Await />;
  return <Choose />;
}

/** The engine waits for the second factor before anything secret leaves this device. */
function useFactorForLink(): void {
  useEffect(
    () =>
      onCoreEvent((event) => {
        if (event.type !== "notices") return;
        const wanted = event.notices.some(
          (notice) => notice.type === "link" && notice.link.type === "needs_factor",
        );
        if (!wanted) return;
        void stepUp().then((given) => {
          if (given) void call("command", { type: "continue_link" });
        });
      }),
    [],
  );
}

function Choose() {
  const { t } = useTranslation();
  return (
    <Dialog
      isOpen
      title={t("link.title")}
      onClose={closeLinking}
      actions={<Button onPress={closeLinking}>{t("common.cancel")}</Button>}
    >
      <p>{t("link.first")}</p>
      <WayButton
        icon={<QrCodeIcon size={24} />}
        title={t("link.scanWay")}
        text={t("link.scanWayText")}
        onPress={chooseScan}
      />
      <WayButton
        icon={<KeyboardIcon size={24} />}
        title={t("link.digitsWay")}
        text={t("link.digitsWayText")}
        onPress={chooseDigits}
      />
    </Dialog>
  );
}

const scanErrors = {
  not_a_code: "link.failed.notACode",
  other_account: "link.failed.otherAccount",
} as const;

function Scan({ error, sent }: { error: keyof typeof scanErrors | null; sent: boolean }) {
  const { t } = useTranslation();
  return (
    <Chosen title={t("link.scanTitle")}>
      <p>{t("link.scanText")}</p>
      <QrScanner
        onText={scanned}
        isPending={sent}
        error={error && t(scanErrors[error])}
        pasteLabel={t("link.paste")}
      />
    </Chosen>
  );
}

function Await() {
  const { t } = useTranslation();
  return (
    <Chosen title={t("link.awaitTitle")}>
      <p role="status">{t("link.awaitText")}</p>
    </Chosen>
  );
}

/** One of the ways, with the way back to the others. */
function Chosen({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <Dialog
      warns
      isOpen
      title={title}
      onClose={closeLinking}
      actions={
        <>
          <Button onPress={openLinking}>{t("common.back")}</Button>
          <Button look="quiet" onPress={closeLinking}>
            {t("common.cancel")}
          </Button>
        </>
      }
    >
      {children}
    </Dialog>
  );
}

function NotMine() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const look = (to: "/settings/devices" | "/settings/security") => {
    closeLinking();
    void navigate({ to });
  };
  return (
    <Dialog
      warns
      isOpen
      title={t("link.notMineTitle")}
      onClose={closeLinking}
      actions={
        <div className="flex w-full flex-col gap-2">
          <Button look="primary" wide onPress={() => look("/settings/devices")}>
            {t("link.showSessions")}
          </Button>
          <Button wide onPress={() => look("/settings/security")}>
            {t("link.changePassword")}
          </Button>
          <Button look="quiet" wide onPress={closeLinking}>
            {t("common.close")}
          </Button>
        </div>
      }
    >
      <p>{t("link.notMineText")}</p>
    </Dialog>
  );
}
