import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Choice } from "@/components/ui/choice";
import { Notice } from "@/components/ui/notice";
import { useCore } from "@/core/store";
import { useLocale } from "@/i18n/use-locale";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type After, afterQuery, setAfter } from "./after";
import { type LockChange, LockDialog } from "./lock-dialog";
import { lockNow } from "./lock-now";

/** A passphrase over what this browser holds. */
export function LockCard() {
  const { t } = useTranslation();
  const locale = useLocale();
  const lock = useCore((state) => state.lock);
  const [change, setChange] = useState<LockChange | null>(null);
  const [changed, setChanged] = useState(0);
  if (lock === null || lock.type === "locked") return null;
  const { sealing } = lock;
  const percent = (sealing ?? 0).toLocaleString(locale, { style: "percent" });

  return (
    <Card title={t("lock.card")} lead={t(lock.type === "open" ? "lock.on" : "lock.cardLead")}>
      {changed > 0 && (
        <div className="mt-4">
          <Notice key={changed} tone="calm" announces>
            {t("lock.changed")}
          </Notice>
        </div>
      )}
      {sealing !== null && (
        <p role="status" className="mt-3 text-md text-text-2 tabular-nums">
          {t("lock.sealing", { percent })}
        </p>
      )}
      {lock.type === "open" && <AfterChoice />}
      <div className="mt-4 flex flex-col gap-2 md:flex-row md:flex-wrap">
        {lock.type === "none" ? (
          <Button isDisabled={sealing !== null} onPress={() => setChange({ how: "set" })}>
            {t("lock.set")}
          </Button>
        ) : (
          <>
            <Button onPress={lockNow}>{t("lock.now")}</Button>
            <Button look="quiet" onPress={() => setChange({ how: "change", kdf: lock.kdf })}>
              {t("lock.change")}
            </Button>
            <Button
              look="quiet"
              isDisabled={sealing !== null}
              onPress={() => setChange({ how: "remove", kdf: lock.kdf })}
            >
              {t("lock.remove")}
            </Button>
          </>
        )}
      </div>
      {change && (
        <LockDialog
          change={change}
          onClose={() => setChange(null)}
          onDone={() => {
            if (change.how === "change") setChanged((count) => count + 1);
            else setChanged(0);
            setChange(null);
          }}
        />
      )}
    </Card>
  );
}

function AfterChoice() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: after } = useQuery(afterQuery);
  if (after === undefined) return null;
  return (
    <div className="mt-4 flex flex-col gap-2">
      <Choice
        label={t("lock.after")}
        value={String(after)}
        options={[
          { value: "0", label: t("lock.after0") },
          { value: "15", label: t("lock.after15") },
          { value: "60", label: t("lock.after60") },
        ]}
        onChange={(value) => setAfter(queries, Number(value) as After)}
      />
      <p className="text-sm text-text-2">{t("lock.afterText")}</p>
    </div>
  );
}
