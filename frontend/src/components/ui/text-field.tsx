import { classNames } from "@/lib/class-names";
import { WarningCircleIcon } from "@phosphor-icons/react/WarningCircle";
import type { ReactNode, Ref } from "react";
import {
  Input,
  Label,
  Text,
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
} from "react-aria-components";

interface TextFieldProps extends Omit<
  AriaTextFieldProps,
  "children" | "className" | "style" | "isInvalid"
> {
  label: string;
  /** Set beside the label: "optional". */
  aside?: string;
  hint?: ReactNode;
  error?: string | null;
  placeholder?: string;
  /** Stands at the end of the field. */
  action?: ReactNode;
  autoCapitalize?: "none";
  inputRef?: Ref<HTMLInputElement>;
}

/** A line of text to fill in, with its label, a hint and what is wrong with it. */
export function TextField({
  label,
  aside,
  hint,
  error,
  placeholder,
  action,
  autoCapitalize,
  inputRef,
  ...props
}: TextFieldProps) {
  return (
    <AriaTextField {...props} isInvalid={Boolean(error)} className="flex flex-col gap-1.5">
      <span className="flex items-baseline justify-between gap-3">
        <Label className="text-md font-medium text-text">{label}</Label>
        {aside && <span className="text-sm text-text-3">{aside}</span>}
      </span>
      <span className="relative flex items-center">
        <Input
          {...(inputRef ? { ref: inputRef } : {})}
          {...(placeholder ? { placeholder } : {})}
          {...(autoCapitalize ? { autoCapitalize } : {})}
          className={classNames(
            "h-12 w-full rounded-field border bg-surface px-4 text-input text-text placeholder:text-text-3",
            "data-focused:outline-2 data-focused:outline-offset-2 data-focused:outline-focus",
            error ? "border-danger" : "border-edge",
            Boolean(action) && "pr-13",
          )}
        />
        {action && <span className="absolute right-1">{action}</span>}
      </span>
      {error ? (
        <Text slot="errorMessage" className="animate-fade">
          <FieldMessage>{error}</FieldMessage>
        </Text>
      ) : (
        hint && (
          <Text slot="description" className="text-sm text-text-2">
            {hint}
          </Text>
        )
      )}
    </AriaTextField>
  );
}

export function FieldMessage({ children }: { children: ReactNode }) {
  return (
    <span className="flex items-start gap-1.5 text-sm text-danger">
      <WarningCircleIcon size={16} weight="fill" className="mt-0.5 shrink-0" aria-hidden="true" />
      <span>{children}</span>
    </span>
  );
}
