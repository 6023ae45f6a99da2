import { IconButton } from "@/components/ui/icon-button";
import { usePageTitle } from "@/lib/use-page-title";
import { ArrowLeftIcon } from "@phosphor-icons/react/ArrowLeft";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface SectionPageProps {
  title: string;
  children: ReactNode;
  /** Where the way back leads; without it a phone alone has one, to the list. */
  backTo?: "/admin";
  backLabel?: string;
}

/** One section of the settings: beside their list, or alone on a phone. */
export function SectionPage({ title, children, backTo, backLabel }: SectionPageProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  usePageTitle(title);
  return (
    <section aria-label={title} className="flex min-h-0 min-w-0 grow flex-col bg-canvas">
      <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 md:h-16 md:px-8">
        <span className={backTo ? "md:-ml-3" : "md:hidden"}>
          <IconButton
            label={backLabel ?? t("settings.back")}
            onPress={() => void navigate({ to: backTo ?? "/settings" })}
          >
            <ArrowLeftIcon size={22} />
          </IconButton>
        </span>
        <h1 className="truncate text-input/5 font-strong">{title}</h1>
      </header>
      <div className="relative thin-scroll min-h-0 grow overflow-y-auto">
        <div className="mx-auto flex max-w-[680px] flex-col gap-4 px-4 pt-4 pb-[max(32px,env(safe-area-inset-bottom))] md:px-8 md:pt-8">
          {children}
        </div>
      </div>
    </section>
  );
}
