import { Sky } from "@/components/ui/sky";
import { LanguageSwitch } from "@/i18n/language-switch";
import type { ReactNode } from "react";

/** The sky with a card in it: everything before the door opens. */
export function AuthLayout({ children, hills = false }: { children: ReactNode; hills?: boolean }) {
  return (
    <div className="relative isolate flex min-h-dvh flex-col items-center p-3 pb-[max(12px,env(safe-area-inset-bottom))] md:p-6">
      <Sky hills={hills} />
      <main className="flex w-full grow flex-col items-center md:justify-center">{children}</main>
      <footer className="pt-4 print:hidden">
        <LanguageSwitch />
      </footer>
    </div>
  );
}
