import { Ring } from "@/components/ui/ring";
import { XIcon } from "@phosphor-icons/react/X";
import { Button } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { limits } from "@/protocol.gen";
import { useLocale } from "@/i18n/use-locale";
import { type Chosen, drop, MOST_CHOSEN, type NotChosen, useTray } from "./chosen";
import { FileIcon } from "./file-icon";
import { fileSize } from "./file-size";

/** What is going to be sent, above the words; and what is not, with the reason. */
export function Tray({ conversation }: { conversation: string }) {
  const { t } = useTranslation();
  const { chosen, fault } = useTray(conversation);
  // Pictures are drawn anew; of other files nobody can tell what stands in them.
  const asItIs = chosen.some(({ ready }) => ready?.kind === "file");
  return (
    <>
      {fault && (
        <p role="alert" className="px-4 pb-2 text-sm text-danger">
          <Refusal {...fault} />
        </p>
      )}
      {chosen.length > 0 && (
        <ul
          aria-label={t("files.chosen")}
          className="thin-scroll flex gap-2 overflow-x-auto px-1 pt-2 pb-3"
        >
          {chosen.map((one) => (
            <li key={one.id} className="relative shrink-0">
              <Thumbnail one={one} />
              <Button
                aria-label={t("files.remove", { name: one.name })}
                onPress={() => drop(conversation, one.id)}
                className="absolute -top-2 -right-2 grid size-7 cursor-default place-items-center rounded-full bg-text text-canvas shadow-popover data-pressed:scale-95 pointer-coarse:size-9"
              >
                <XIcon size={14} weight="bold" />
              </Button>
            </li>
          ))}
        </ul>
      )}
      {asItIs && <p className="px-1 pb-2.5 text-sm text-text-2">{t("files.asItIs")}</p>}
    </>
  );
}

function Thumbnail({ one: { name, size, ready } }: { one: Chosen }) {
  const { t } = useTranslation();
  const locale = useLocale();
  if (!ready) {
    return (
      <span className="grid size-20 place-items-center rounded-field bg-sunken text-text-3">
        <Ring />
        <span className="sr-only">{t("pictures.preparing")}</span>
      </span>
    );
  }
  if (ready.kind === "file") {
    return (
      <span className="flex h-20 w-56 items-center gap-3 rounded-field border border-line bg-sunken px-3">
        <span className="shrink-0 text-text-2">
          <FileIcon name={name} size={32} />
        </span>
        <span className="min-w-0 text-sm">
          <span className="block truncate font-medium">{name}</span>
          <span className="block text-text-2">{fileSize(size, locale)}</span>
        </span>
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
  const locale = useLocale();
  switch (fault) {
    case "too_large":
      return t("files.tooLarge", { name, limit: fileSize(limits.FILE, locale) });
    case "no_picture":
      return t("pictures.unreadable", { name });
    case "unreadable":
      return t("files.unreadable", { name });
    case "no_room":
      return t("files.noRoom", { name });
    case "too_many":
      return t("files.tooMany", { count: MOST_CHOSEN });
  }
}
