import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { useProblemText } from "@/i18n/problem-text";
import { useTranslation } from "react-i18next";
import { displayName } from "./names";
import { type Blockable, useBlocks } from "./use-blocks";

interface BlockDialogProps {
  person: Blockable;
  isOpen: boolean;
  onClose: () => void;
}

/** Says plainly what a block does before it is done. */
export function BlockDialog({ person, isOpen, onClose }: BlockDialogProps) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const { block } = useBlocks();
  const name = displayName(person);
  return (
    <Dialog
      warns
      title={t("people.blockTitle", { name })}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button
            look="danger"
            isPending={block.isPending}
            onPress={() => block.mutate(person, { onSuccess: onClose })}
          >
            {t("people.block")}
          </Button>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
        </>
      }
    >
      <p>{t("people.blockText", { name })}</p>
      <p>{t("people.blockHistory")}</p>
      {block.isError && (
        <p role="alert" className="text-danger">
          {describe(block.error)}
        </p>
      )}
    </Dialog>
  );
}
