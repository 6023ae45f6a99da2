import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { call } from "@/core/core";
import type { ConversationId } from "@/core/engine.gen";
import { useLocale } from "@/i18n/use-locale";
import { CheckIcon } from "@phosphor-icons/react/Check";
import { useState } from "react";
import { Radio, RadioGroup } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { duration, timers } from "./durations";

interface TimerDialogProps {
  conversation: ConversationId;
  seconds: number | null;
  onClose: () => void;
}

/** Chooses after how long the messages of a conversation go away. */
export function TimerDialog({ conversation, seconds, onClose }: TimerDialogProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const [chosen, setChosen] = useState(String(seconds));
  // Another client may have chosen what is not offered here.
  const offered = timers.some((it) => it === seconds) ? timers : [...timers, seconds];

  function save(): void {
    const next = chosen === "null" ? null : Number(chosen);
    if (next !== seconds) {
      void call("command", { type: "set_timer", conversation, seconds: next });
    }
    onClose();
  }

  return (
    <Dialog
      title={t("timer.title")}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button look="primary" onPress={save}>
            {t("common.save")}
          </Button>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
        </>
      }
    >
      <p>{t("timer.hint")}</p>
      <RadioGroup
        aria-label={t("timer.title")}
        value={chosen}
        onChange={setChosen}
        className="-mx-2 flex flex-col"
      >
        {offered.map((it) => (
          <Radio
            key={it}
            value={String(it)}
            className="relative flex min-h-11 cursor-default items-center justify-between rounded-field px-3 text-text data-hovered:bg-sunken data-selected:bg-moss-soft data-selected:font-medium data-selected:text-moss-text"
          >
            {({ isSelected }) => (
              <>
                {it === null ? t("timer.off") : duration(it, locale)}
                {isSelected && <CheckIcon size={18} weight="bold" aria-hidden="true" />}
              </>
            )}
          </Radio>
        ))}
      </RadioGroup>
    </Dialog>
  );
}
