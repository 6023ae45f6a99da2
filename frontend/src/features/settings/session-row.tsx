import { Button } from "@/components/ui/button";
import { useLocale } from "@/i18n/use-locale";
import { ago, longDate } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import type { Session } from "@/protocol.gen";
import { DesktopIcon } from "@phosphor-icons/react/Desktop";
import { DeviceMobileIcon } from "@phosphor-icons/react/DeviceMobile";
import { TerminalWindowIcon } from "@phosphor-icons/react/TerminalWindow";
import { useTranslation } from "react-i18next";
import { sessionName } from "./session-name";

const icons = { computer: DesktopIcon, phone: DeviceMobileIcon, program: TerminalWindowIcon };

interface SessionRowProps {
  session: Session;
  isPending: boolean;
  onEnd: () => void;
}

export function SessionRow({ session, isPending, onEnd }: SessionRowProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow();
  const { kind, program, system } = sessionName(session.user_agent);
  const Icon = icons[kind];
  const name =
    program && system
      ? t("sessions.on", { program, system })
      : (program ?? t("sessions.unknownProgram"));
  const used = session.current
    ? t("sessions.now")
    : t("sessions.used", { time: ago(Date.parse(session.last_used_at), now, locale) });

  return (
    <li className="flex flex-wrap items-start gap-x-3.5 gap-y-2.5 py-4 md:flex-nowrap">
      <span
        aria-hidden="true"
        className="mt-0.5 grid size-10 shrink-0 place-items-center rounded-squircle bg-avatar text-moss-text"
      >
        <Icon size={22} />
      </span>
      <div className="w-0 grow text-md text-text-2">
        <p className="flex flex-wrap gap-x-2 text-body font-medium text-text">
          <span className="min-w-0 [overflow-wrap:anywhere]">{name}</span>
          {session.current && (
            <span className="rounded-full bg-moss-soft px-2 text-sm font-medium whitespace-nowrap text-moss-text">
              {t("sessions.this")}
            </span>
          )}
        </p>
        <p>{session.address ? t("sessions.usedFrom", { used, address: session.address }) : used}</p>
        <p>{t("sessions.since", { date: longDate(Date.parse(session.created_at), locale) })}</p>
      </div>
      {!session.current && (
        <div className="w-full pl-13.5 md:w-auto md:shrink-0 md:pl-0">
          <Button
            size="small"
            aria-label={`${t("signOut.action")}: ${name}`}
            isPending={isPending}
            onPress={onEnd}
          >
            {t("signOut.action")}
          </Button>
        </div>
      )}
    </li>
  );
}
