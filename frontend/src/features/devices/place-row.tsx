import { Button } from "@/components/ui/button";
import { EntryRow } from "@/components/ui/entry-row";
import { MenuItem } from "@/components/ui/menu";
import { RowMenu } from "@/components/ui/row-menu";
import { useLocale } from "@/i18n/use-locale";
import { ago, longDate } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import type { Session } from "@/protocol.gen";
import { DesktopIcon } from "@phosphor-icons/react/Desktop";
import { DeviceMobileIcon } from "@phosphor-icons/react/DeviceMobile";
import { PencilSimpleIcon } from "@phosphor-icons/react/PencilSimple";
import { SignOutIcon } from "@phosphor-icons/react/SignOut";
import { TerminalWindowIcon } from "@phosphor-icons/react/TerminalWindow";
import { TrashIcon } from "@phosphor-icons/react/Trash";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { kindOf, type Place } from "./places";
import { sessionName, shownName } from "./session-name";

const icons = { computer: DesktopIcon, phone: DeviceMobileIcon, program: TerminalWindowIcon };

interface PlaceRowProps {
  place: Place;
  /** It is being signed out. */
  isPending: boolean;
  onRename: () => void;
  onRevoke: () => void;
  onSignOut: () => void;
}

/** A device or a session: what it is, when it was last used and from where, what can be done. */
export function PlaceRow({ place, isPending, onRename, onRevoke, onSignOut }: PlaceRowProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow();
  const { device, sessions, here, usedAt } = place;
  const [session] = sessions;
  const kind = kindOf(place);
  const Icon = icons[kind];
  const title = device ? shownName(device.name, t) : nameOf(session, t);
  const used = here
    ? t("devices.now")
    : usedAt === null
      ? t("devices.neverUsed")
      : t("devices.used", { time: ago(usedAt, now, locale) });
  const since = longDate(Date.parse(device?.created_at ?? session?.created_at ?? ""), locale);
  const signOut = t("sessions.end");

  return (
    <EntryRow
      wordy={device === null}
      icon={<Icon size={22} />}
      title={title}
      mark={here ? t(device ? "devices.this" : "sessions.this") : null}
      action={
        device ? (
          <RowMenu label={t("devices.menu", { name: title })}>
            <MenuItem icon={<PencilSimpleIcon size={20} />} onAction={onRename}>
              {t("devices.rename")}
            </MenuItem>
            {/* This one is left by signing out, in the list of settings. */}
            {here || sessions.length === 0 ? null : (
              <MenuItem icon={<SignOutIcon size={20} />} onAction={onSignOut}>
                {signOut}
              </MenuItem>
            )}
            {here ? null : (
              <MenuItem danger icon={<TrashIcon size={20} />} onAction={onRevoke}>
                {t("devices.revoke")}
              </MenuItem>
            )}
          </RowMenu>
        ) : (
          !here && (
            <Button
              size="small"
              aria-label={`${signOut}: ${title}`}
              isPending={isPending}
              onPress={onSignOut}
            >
              {signOut}
            </Button>
          )
        )
      }
    >
      <p>
        {session?.address ? t("sessions.usedFrom", { used, address: session.address }) : used}
        {!session && ` · ${t("devices.signedOut")}`}
      </p>
      <p>
        {device
          ? t("devices.opens", { date: since })
          : t(kind === "program" ? "sessions.program" : "sessions.noKeys", { date: since })}
      </p>
    </EntryRow>
  );
}

function nameOf(session: Session | undefined, t: TFunction): string {
  const { program, system } = sessionName(session?.user_agent ?? null);
  if (program && system) return t("sessions.on", { program, system });
  return program ?? t("sessions.unknownProgram");
}
