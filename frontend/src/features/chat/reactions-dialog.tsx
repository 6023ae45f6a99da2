import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import type { Entry } from "@/core/engine.gen";
import { useTranslation } from "react-i18next";

interface ReactionsDialogProps {
  entry: Entry;
  nameOf: (user: string) => string;
  onClose: () => void;
}

/** Who reacted with what, one line each. */
export function ReactionsDialog({ entry, nameOf, onClose }: ReactionsDialogProps) {
  const { t } = useTranslation();
  const all = (entry.reactions ?? []).flatMap(({ emoji, users }) =>
    users.map((user) => ({ emoji, user })),
  );
  return (
    <Dialog
      title={t("message.reactions")}
      isOpen
      onClose={onClose}
      actions={<Button onPress={onClose}>{t("common.close")}</Button>}
    >
      <ul className="thin-scroll flex max-h-[50dvh] flex-col overflow-y-auto">
        {all.map(({ emoji, user }) => (
          <li key={user} className="flex min-h-11 items-center gap-3 text-text">
            <span className="text-[1.375rem]">{emoji}</span>
            <span className="min-w-0 truncate">{nameOf(user)}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
