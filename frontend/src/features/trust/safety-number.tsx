import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { QrCode } from "@/components/ui/qr-code";
import { SkeletonRows } from "@/components/ui/skeleton";
import type { Safety } from "@/core/store";
import { useCopy } from "@/lib/use-copy";
import { CheckIcon } from "@phosphor-icons/react/Check";
import { CopyIcon } from "@phosphor-icons/react/Copy";
import { KeyIcon } from "@phosphor-icons/react/Key";
import { SealCheckIcon } from "@phosphor-icons/react/SealCheck";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { SafetyDigits } from "./safety-digits";

/** So long an answer takes at most when there is one. */
const PATIENCE = 3_000;

/** The code and the digits, and how they stand. */
export function SafetyNumber({ name, safety }: { name: string; safety: Safety | null }) {
  const { t } = useTranslation();
  const { copied, copy } = useCopy();
  if (safety === null) return <Unknown name={name} />;
  return (
    <>
      <div role="status">
        {safety.verified && (
          <Notice tone="calm" icon={<SealCheckIcon size={18} weight="fill" />}>
            {t("trust.isVerified", { name })}
          </Notice>
        )}
      </div>
      {safety.claimed && (
        <Notice icon={<KeyIcon size={18} />}>{t("trust.isClaimed", { name })}</Notice>
      )}
      <p>{t("trust.lead", { name })}</p>
      <div className="mx-auto w-full max-w-52">
        <QrCode text={safety.code} label={t("trust.qrLabel", { name })} />
      </div>
      <SafetyDigits number={safety.number} />
      <p className="text-sm">{t("trust.howTo", { name })}</p>
      <div className="flex justify-center">
        <Button size="small" onPress={() => void copy(safety.code)}>
          {copied ? <CheckIcon size={16} /> : <CopyIcon size={16} />}
          <span aria-live="polite">{copied ? t("common.copied") : t("trust.copyCode")}</span>
        </Button>
      </div>
    </>
  );
}

/** There is none before the person's keys have been seen. */
function Unknown({ name }: { name: string }) {
  const { t } = useTranslation();
  const [waited, setWaited] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setWaited(true), PATIENCE);
    return () => clearTimeout(timer);
  }, []);
  if (!waited) return <SkeletonRows count={3} label={t("common.loading")} />;
  return <p role="status">{t("trust.noKeysYet", { name })}</p>;
}
