import { MagnifyingGlassIcon } from "@phosphor-icons/react/MagnifyingGlass";
import { XCircleIcon } from "@phosphor-icons/react/XCircle";
import type { Ref } from "react";
import {
  Button,
  Input,
  SearchField as AriaSearchField,
  type SearchFieldProps as AriaSearchFieldProps,
  Text,
} from "react-aria-components";
import { useTranslation } from "react-i18next";

interface SearchFieldProps extends Pick<
  AriaSearchFieldProps,
  "autoFocus" | "onFocus" | "onKeyDown"
> {
  label: string;
  value: string;
  onChange: (text: string) => void;
  hint?: string | null;
  inputRef?: Ref<HTMLInputElement>;
}

/** A field to search in, with a button that empties it; its label is its placeholder. */
export function SearchField({
  label,
  value,
  onChange,
  hint,
  inputRef,
  ...props
}: SearchFieldProps) {
  const { t } = useTranslation();
  return (
    <AriaSearchField
      {...props}
      aria-label={label}
      value={value}
      onChange={onChange}
      className="flex flex-col gap-1.5"
    >
      <span className="relative flex items-center">
        <MagnifyingGlassIcon
          size={18}
          aria-hidden="true"
          className="pointer-events-none absolute left-3.5 text-text-3"
        />
        <Input
          {...(inputRef ? { ref: inputRef } : {})}
          placeholder={label}
          className="h-11 w-full rounded-field border border-edge bg-surface pr-3.5 pl-10 text-body text-ellipsis not-placeholder-shown:pr-11 text-text placeholder:text-text-3 data-focused:outline-2 data-focused:outline-offset-2 data-focused:outline-focus [&::-webkit-search-cancel-button]:hidden"
        />
        {value && (
          <Button
            aria-label={t("common.clear")}
            className="absolute right-1 grid size-9 cursor-default place-items-center rounded-field text-text-3 data-hovered:text-text"
          >
            <XCircleIcon size={18} weight="fill" />
          </Button>
        )}
      </span>
      {hint && (
        <Text slot="description" className="px-1 text-sm text-text-2">
          {hint}
        </Text>
      )}
    </AriaSearchField>
  );
}
