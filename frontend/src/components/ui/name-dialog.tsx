import { type ReactNode, useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { TextField } from "./text-field";

interface NameDialogProps {
  title: string;
  label: string;
  hint?: string;
  /** The name so far. */
  name: string;
  /** In characters. */
  longest: number;
  pending?: boolean;
  /** Gets the name without the spaces around it; never an empty one. */
  onSave: (name: string) => void;
  onClose: () => void;
  /** What went wrong, below the field. */
  children?: ReactNode;
}

/** Asks for the new name of something. */
export function NameDialog(props: NameDialogProps) {
  const { title, label, hint, longest, pending = false, onSave, onClose, children } = props;
  const { t } = useTranslation();
  const [text, setText] = useState(props.name);
  const name = text.trim();
  const save = () => {
    if (name && !pending) onSave(name);
  };
  return (
    <Dialog
      isOpen
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button look="primary" isPending={pending} isDisabled={!name} onPress={save}>
            {t("common.save")}
          </Button>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
        </>
      }
    >
      <Form
        validationBehavior="aria"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <TextField
          label={label}
          value={text}
          onChange={setText}
          maxLength={longest}
          hint={hint}
          autoComplete="off"
          autoFocus
        />
      </Form>
      {children}
    </Dialog>
  );
}
