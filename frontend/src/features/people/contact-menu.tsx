import { MenuItem } from "@/components/ui/menu";
import { RowMenu } from "@/components/ui/row-menu";
import { RemoveDialog } from "@/features/chat/remove-dialog";
import { openSafety } from "@/features/trust/safety-open";
import type { Contact } from "@/protocol.gen";
import { ProhibitIcon } from "@phosphor-icons/react/Prohibit";
import { SealCheckIcon } from "@phosphor-icons/react/SealCheck";
import { UserMinusIcon } from "@phosphor-icons/react/UserMinus";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { BlockDialog } from "./block-dialog";
import { displayName } from "./names";

/** The ways to part from a contact. */
export function ContactMenu({ contact }: { contact: Contact }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState<"remove" | "block" | null>(null);
  const close = () => setAsking(null);
  return (
    <>
      <RowMenu label={t("people.menu", { name: displayName(contact) })}>
        <MenuItem icon={<SealCheckIcon size={20} />} onAction={() => openSafety(contact.user_id)}>
          {t("trust.number")}
        </MenuItem>
        <MenuItem icon={<UserMinusIcon size={20} />} onAction={() => setAsking("remove")}>
          {t("people.removeContact")}
        </MenuItem>
        <MenuItem danger icon={<ProhibitIcon size={20} />} onAction={() => setAsking("block")}>
          {t("people.block")}
        </MenuItem>
      </RowMenu>
      <RemoveDialog contact={contact} isOpen={asking === "remove"} onClose={close} />
      <BlockDialog person={contact} isOpen={asking === "block"} onClose={close} />
    </>
  );
}
