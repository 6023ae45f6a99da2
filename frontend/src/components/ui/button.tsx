import { classNames } from "@/lib/class-names";
import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Ring } from "./ring";

type Look = "primary" | "moss" | "plain" | "quiet" | "warning" | "danger";

interface ButtonProps extends Omit<
  AriaButtonProps,
  "children" | "className" | "style" | "isPending"
> {
  children: ReactNode;
  look?: Look;
  size?: "regular" | "small";
  wide?: boolean;
  /** What it began is under way: it keeps the focus and takes no press. */
  isPending?: boolean;
}

/* Ember marks one action per screen: only one `primary` at a time. */
const looks: Record<Look, string> = {
  primary: "bg-ember text-on-ember data-hovered:bg-ember-hover",
  moss: "bg-moss text-on-moss data-hovered:brightness-110",
  plain: "border border-edge bg-surface text-text data-hovered:bg-sunken",
  quiet: "text-text-2 data-hovered:bg-sunken data-hovered:text-text",
  warning: "border border-danger bg-surface text-danger data-hovered:bg-danger-soft",
  danger: "bg-danger text-on-danger data-hovered:brightness-110",
};

export function Button({
  children,
  look = "plain",
  size = "regular",
  wide = false,
  isPending = false,
  type = "button",
  onPress,
  ...props
}: ButtonProps) {
  const { t } = useTranslation();
  return (
    <AriaButton
      {...props}
      type={isPending ? "button" : type}
      {...(onPress && !isPending && { onPress })}
      className={buttonClasses(look, size, wide)}
    >
      <span className={classNames("inline-flex items-center gap-2", isPending && "opacity-0")}>
        {children}
      </span>
      {isPending && (
        <span role="status" className="absolute inset-0 grid place-items-center">
          <Ring />
          <span className="sr-only">{t("common.loading")}</span>
        </span>
      )}
    </AriaButton>
  );
}

/** The same look for links. */
export function buttonClasses(look: Look, size: "regular" | "small" = "regular", wide = false) {
  return classNames(
    "relative inline-flex cursor-default items-center justify-center rounded-field font-medium transition select-none",
    "data-pressed:scale-[0.985] data-disabled:opacity-50",
    size === "regular"
      ? "min-h-12 px-5 py-2 text-body"
      : "min-h-9 px-3.5 py-1.5 text-md pointer-coarse:min-h-11",
    wide && "w-full",
    looks[look],
  );
}
