import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Choice } from "@/components/ui/choice";
import { useUser } from "@/features/auth/session";
import { meQuery } from "@/features/settings/queries";
import type { Account, Role } from "@/protocol.gen";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ActDialog } from "./act-dialog";
import type { AccountAct } from "./acts";
import { ResetNotice } from "./reset-notice";

const roles: Role[] = ["member", "moderator", "admin"];

/** What may be done to an account by whoever looks at it; the server decides. */
export function AccountActions({ account }: { account: Account }) {
  const { t } = useTranslation();
  const user = useUser();
  const { data: me } = useQuery(meQuery);
  const [asking, setAsking] = useState<AccountAct | null>(null);
  const isAdmin = me?.role === "admin";
  const mayAct = isAdmin || (me?.role === "moderator" && account.role === "member");
  if (account.user_id === user.user_id) {
    return (
      <Card title={t("admin.actions")}>
        <p className="mt-1 text-text-2">{t("admin.yourself")}</p>
      </Card>
    );
  }
  if (!mayAct) return null;
  return (
    <Card title={t("admin.actions")}>
      <div className="mt-3 flex flex-col gap-4">
        {isAdmin && (
          <Choice<Role>
            label={t("admin.role")}
            value={account.role}
            options={roles.map((value) => ({ value, label: t(`admin.roles.${value}`) }))}
            onChange={(role) => setAsking({ what: "role", role })}
          />
        )}
        <div className="flex flex-col gap-2 md:flex-row md:flex-wrap">
          <Button
            isDisabled={account.sessions === 0}
            onPress={() => setAsking({ what: "sessions" })}
          >
            {t("admin.endSessions")}
          </Button>
          {isAdmin && (
            <Button onPress={() => setAsking({ what: "reset" })}>{t("admin.reset")}</Button>
          )}
          {account.deactivated_at ? (
            <Button onPress={() => setAsking({ what: "activate" })}>{t("admin.activate")}</Button>
          ) : (
            <Button look="warning" onPress={() => setAsking({ what: "deactivate" })}>
              {t("admin.deactivate")}
            </Button>
          )}
          {isAdmin && (
            <Button look="warning" onPress={() => setAsking({ what: "delete" })}>
              {t("account.delete")}
            </Button>
          )}
        </div>
        <ResetNotice account={account} />
      </div>
      {asking && <ActDialog account={account} act={asking} onClose={() => setAsking(null)} />}
    </Card>
  );
}
