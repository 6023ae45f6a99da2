import { Ring } from "@/components/ui/ring";
import { XIcon } from "@phosphor-icons/react/X";
import { Button } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { type Chosen, drop, MOST_CHOSEN, type NotChosen, useTray } from "./chosen";

/** What is going to be sent, above the words; and what is not, with the reason. */
export function Tray({ conversation }: { conversation: string }) {
  const { t } = useTranslation();
  const { chosen, fault } = useTray(conversation);
  return (
    <>
      {fault && (
        <p role="alert" className="px-4 pb-2 text-sm text-danger">
          <Refusal {...fault} />
        </p>
      )}
      {chosen.length > 0 && (
        <ul
          aria-label={t("pictures.chosen")}
          className="thin-scroll flex gap-2 overflow-x-auto px-1 pt-2 pb-3"
        >
          {chosen.map((one, index) => (
            <li key={one.id} className="relative shrink-0">
              <Thumbnail one={one} />
              <Button
                aria-label={t("pictures.removeChosen", { number: index + 1 })}
                onPress={() => drop(conversation, one.id)}
                className="absolute -top-2 -right-2 grid size-7 cursor-default place-items-center rounded-full bg-text text-canvas shadow-popover data-pressed:scale-95 pointer-coarse:size-9"
              >
                <XIcon size={14} weight="bold" />
              </Button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Thumbnail({ one: { ready } }: { one: Chosen }) {
  const { t } = useTranslation();
  if (!ready) {
    return (
      <span className="grid size-20 place-items-center rounded-field bg-sunken text-text-3">
        <Ring />
        <span className="sr-only">{t("pictures.preparing")}</span>
      </span>
    );
  }
  return (
    <img
      src={ready.url}
      alt=""
      className="h-20 max-w-40 min-w-14 rounded-field border border-line bg-sunken object-cover"
    />
  );
}

function Refusal({ name, fault }: NotChosen) {
  const { t } = useTranslation();
  switch (fault) {
    case "too_large":
      return t("pictures.tooLarge", { name });
    case "wrong_type":
      return t("pictures.wrongType", { name });
    case "unreadable":
      return t("pictures.unreadable", { name });
    case "too_many":
      return t("pictures.tooMany", { count: MOST_CHOSEN });
  }
}
