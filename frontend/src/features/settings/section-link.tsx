import { classNames } from "@/lib/class-names";
import { useMedia } from "@/lib/use-media";
import { CaretRightIcon } from "@phosphor-icons/react/CaretRight";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

interface SectionLinkProps {
  to: NonNullable<LinkProps["to"]>;
  selected: boolean;
  picture: ReactNode;
  title: string;
  text: string;
}

/** A row of the settings that leads to one of their pages. */
export function SectionLink({ to, selected, picture, title, text }: SectionLinkProps) {
  const beside = useMedia("(min-width: 52rem)");
  const here = selected && beside;
  return (
    <Link
      to={to}
      aria-current={here ? "page" : undefined}
      className={classNames(
        "relative flex items-center gap-3 rounded-field py-2 pr-2.5 pl-3 transition focus-visible:-outline-offset-2",
        here
          ? "bg-selected before:absolute before:inset-y-3.5 before:left-0 before:w-[3px] before:rounded-full before:bg-moss"
          : "hover:bg-selected/55",
      )}
    >
      {picture}
      <span className="min-w-0 grow">
        <span className="block truncate font-medium">{title}</span>
        <span className="block truncate text-md text-text-2">{text}</span>
      </span>
      <CaretRightIcon size={16} aria-hidden="true" className="shrink-0 text-text-3 md:hidden" />
    </Link>
  );
}
