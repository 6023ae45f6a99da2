import { Button } from "@/components/ui/button";
import { CodeInput } from "@/components/ui/code-input";
import { Dialog } from "@/components/ui/dialog";
import { Ring } from "@/components/ui/ring";
import { TimeLeft } from "@/components/ui/time-left";
import { call } from "@/core/core";
import type { LinkState } from "@/core/engine.gen";
import { FormFailure } from "@/features/auth/form-failure";
import { type ReactNode, useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { linkFailureText } from "./link-failure";

/** How many digits the new device shows. */
const DIGITS = 7;

interface LinkFollowProps {
  link: LinkState;
  isOpen: boolean;
  onAgain: () => void;
  onNotMine: () => void;
  onClose: () => void;
}

/** A link under way, on the device in use. */
export function LinkFollow(props: LinkFollowProps) {
  const { link, isOpen, onAgain, onNotMine, onClose } = props;
  const { t } = useTranslation();
  const cancel = <Button onPress={onClose}>{t("common.cancel")}</Button>;
  const frame = (title: string, actions: ReactNode, children: ReactNode) => (
    <Dialog warns isOpen={isOpen} title={title} onClose={onClose} actions={actions}>
      {children}
    </Dialog>
  );

  switch (link.type) {
    case "asked":
      return frame(
        t("link.askedTitle"),
        <>
          <Button look="primary" onPress={() => void call("command", { type: "answer_link" })}>
            {t("link.mine")}
          </Button>
          <Button onPress={onNotMine}>{t("link.notMine")}</Button>
        </>,
        <>
          <p>{t("link.askedText")}</p>
          <TimeLeft until={link.expires_at} />
        </>,
      );
    case "enter_digits":
      return <EnterDigits until={link.expires_at} isOpen={isOpen} onClose={onClose} />;
    case "needs_factor":
      return frame(
        t("link.factorTitle"),
        <>
          <Button look="primary" onPress={() => void call("command", { type: "continue_link" })}>
            {t("link.factor")}
          </Button>
          {cancel}
        </>,
        <>
          <p>{t("link.factorText")}</p>
          <TimeLeft until={link.expires_at} />
        </>,
      );
    case "done":
      return frame(
        t("link.doneTitle"),
        <Button look="primary" onPress={onClose}>
          {t("common.done")}
        </Button>,
        <p role="status">{t("link.doneText")}</p>,
      );
    case "failed":
      return frame(
        t("link.failedTitle"),
        <>
          <Button look="primary" onPress={onAgain}>
            {t("link.again")}
          </Button>
          <Button onPress={onClose}>{t("common.close")}</Button>
        </>,
        <FormFailure text={linkFailureText(link.reason, t)} />,
      );
    default:
      return frame(
        t("link.workingTitle"),
        cancel,
        <>
          <p role="status" className="flex items-center gap-2.5">
            <Ring size={18} />
            {t("link.working")}
          </p>
          {link.type === "waiting" && link.expires_at !== null && (
            <TimeLeft until={link.expires_at} />
          )}
        </>,
      );
  }
}

interface EnterDigitsProps {
  until: number;
  isOpen: boolean;
  onClose: () => void;
}

function EnterDigits({ until, isOpen, onClose }: EnterDigitsProps) {
  const { t } = useTranslation();
  const [digits, setDigits] = useState("");
  // There is one try: it goes when the person says so, not with the last digit.
  const go = () => {
    if (digits.length === DIGITS) void call("command", { type: "type_link_digits", digits });
  };
  return (
    <Dialog
      warns
      isOpen={isOpen}
      title={t("link.digitsTitle")}
      onClose={onClose}
      actions={
        <>
          <Button look="primary" isDisabled={digits.length < DIGITS} onPress={go}>
            {t("link.useDigits")}
          </Button>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
        </>
      }
    >
      <p>{t("link.digitsText")}</p>
      <Form
        validationBehavior="aria"
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        <CodeInput
          label={t("link.digitsLabel")}
          length={DIGITS}
          value={digits}
          onChange={setDigits}
          onComplete={() => undefined}
          autoFocus
        />
      </Form>
      <TimeLeft until={until} />
    </Dialog>
  );
}
