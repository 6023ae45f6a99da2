import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { KeyIcon } from "@phosphor-icons/react/Key";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { GoOnDialog } from "./go-on-dialog";
import type { PendingChange } from "./pending-changes";
import { openSafety } from "./safety-open";
import { acceptKeys } from "./use-trust";

interface KeyChangeNoticeProps {
  pending: PendingChange;
  name: string;
  /** So many more people are asked about afterwards. */
  more: number;
  /** Other ways out of this conversation. */
  children?: ReactNode;
}

/** Over the composer: nothing goes out until somebody has answered for another's new keys. */
export function KeyChangeNotice({ pending, name, more, children }: KeyChangeNoticeProps) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const { user_id, change } = pending;
  const verified = change?.was_verified ?? false;

  function goOn(): void {
    if (!change) return;
    // The mark goes with it: that deserves a second look.
    if (verified) setAsking(true);
    else acceptKeys(user_id, change);
  }

  return (
    <Notice announces tone={verified ? "danger" : "warn"} icon={<KeyIcon size={18} />}>
      <p className="font-medium">
        {t(verified ? "trust.changedVerified" : "trust.changed", { name })}
      </p>
      <p className="mt-1">
        {!verified
          ? `${t("trust.changedText")} ${t("trust.held")}`
          : t(change?.declined ? "trust.declined" : "trust.changedVerifiedText", { name })}
        {more > 0 && ` ${t("trust.more", { count: more })}`}
      </p>
      {change && (
        <div className="mt-2.5 flex flex-wrap gap-2">
          <Button size="small" look="moss" onPress={() => openSafety(user_id)}>
            {t("trust.compareFirst")}
          </Button>
          <Button size="small" onPress={goOn}>
            {t(verified ? "trust.removeMark" : "trust.goOn")}
          </Button>
          {children}
        </div>
      )}
      {asking && change && (
        <GoOnDialog
          name={name}
          onGoOn={() => acceptKeys(user_id, change)}
          onClose={() => setAsking(false)}
        />
      )}
    </Notice>
  );
}
