import { useCore } from "@/core/store";
import { useNow } from "@/lib/use-now";
import { useTranslation } from "react-i18next";

const FORGOTTEN = 7_000;

/** Whether somebody writes in a conversation right now. */
export function useIsTyping(id: string): boolean {
  return useTypist(id) !== null;
}

/** Who writes in a conversation right now. */
export function useTypist(id: string): string | null {
  const last = useCore((state) => state.typing.get(id) ?? null);
  const now = useNow(1_000);
  return last !== null && now - last.at < FORGOTTEN ? last.user_id : null;
}

/** Above the composer; its place is kept, so that nothing jumps. */
export function TypingLine({ id, nameOf }: { id: string; nameOf: (user: string) => string }) {
  const { t } = useTranslation();
  const typist = useTypist(id);
  return (
    <div className="mx-auto h-5 w-full max-w-[760px] shrink-0 px-5 text-sm text-text-2">
      {typist && (
        <span className="animate-fade inline-flex items-center gap-2">
          <span aria-hidden="true" className="inline-flex gap-1">
            {[0, 150, 300].map((delay) => (
              <span
                key={delay}
                style={{ animationDelay: `${delay}ms` }}
                className="animate-dot size-1.5 rounded-full bg-moss"
              />
            ))}
          </span>
          {t("chat.typing", { name: nameOf(typist) })}
        </span>
      )}
    </div>
  );
}
