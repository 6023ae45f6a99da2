import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";

interface DialogProps {
  title: string;
  children: ReactNode;
  /** Buttons, the way on first. */
  actions: ReactNode;
  isOpen: boolean;
  onClose: () => void;
  /** A warning: it interrupts, and a click beside it does nothing. */
  warns?: boolean;
  /** Another one: what is in it became something else, and the focus goes to its beginning. */
  step?: string;
}

/** A window over the page that has to be answered or closed first. */
export function Dialog({ title, children, actions, isOpen, onClose, warns, step }: DialogProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!warns}
      className="animate-fade fixed inset-0 z-50 grid place-items-end bg-[rgb(14_21_18/.45)] p-3 md:place-items-center md:p-6"
    >
      <Modal className="animate-enter w-full max-w-md rounded-card bg-surface shadow-dialog">
        <AriaDialog
          key={step}
          role={warns ? "alertdialog" : "dialog"}
          className="flex max-h-[86dvh] flex-col gap-4 overflow-y-auto p-6 outline-none md:p-8"
        >
          <Heading slot="title" className="text-title font-strong">
            {title}
          </Heading>
          <div className="flex flex-col gap-3 text-text-2">{children}</div>
          <div className="mt-2 flex flex-col gap-2 md:flex-row-reverse md:flex-wrap">{actions}</div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
