import type { Entry, Reaction } from "@/core/engine.gen";
import { classNames } from "@/lib/class-names";
import { useLocale } from "@/i18n/use-locale";
import { OverlayArrow, ToggleButton, Tooltip, TooltipTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";

interface ReactionsProps {
  entry: Entry;
  reactions: readonly Reaction[];
  nameOf: (user: string) => string;
  /** Nothing can be sent here. */
  closed: boolean;
  onReact: (entry: Entry, emoji: string, on: boolean) => void;
}

/** Under a bubble: how many reacted with what; who, when one looks closer. A press joins or leaves. */
export function Reactions({ entry, reactions, nameOf, closed, onReact }: ReactionsProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  return (
    <ul
      aria-label={t("message.reactions")}
      className={classNames(
        "relative z-10 -mt-1.5 flex max-w-[84%] flex-wrap gap-1 px-2",
        entry.mine && "justify-end",
      )}
    >
      {reactions.map(({ emoji, users, mine }) => {
        const names = new Intl.ListFormat(locale, { type: "conjunction" }).format(
          [...users].toSorted().map(nameOf),
        );
        return (
          <li key={emoji}>
            <TooltipTrigger delay={300} closeDelay={80}>
              <ToggleButton
                aria-label={t("message.reactedBy", { emoji, names })}
                isSelected={mine}
                isDisabled={closed}
                onChange={(on) => onReact(entry, emoji, on)}
                className={classNames(
                  "flex h-7 cursor-default items-center gap-1 rounded-full border px-2 text-sm outline-offset-0 transition data-pressed:scale-95 pointer-coarse:h-8",
                  mine
                    ? "border-moss bg-moss-soft text-moss-text"
                    : "border-line bg-surface text-text-2 data-hovered:bg-sunken",
                )}
              >
                <span aria-hidden="true" className="text-[1rem]/none">
                  {emoji}
                </span>
                {users.length > 1 && <span>{users.length}</span>}
              </ToggleButton>
              <Tooltip
                offset={6}
                className="animate-fade max-w-64 rounded-chip bg-text px-2.5 py-1 text-xs text-canvas"
              >
                <OverlayArrow className="hidden" />
                {names}
              </Tooltip>
            </TooltipTrigger>
          </li>
        );
      })}
    </ul>
  );
}
