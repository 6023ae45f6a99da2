import { useCore } from "@/core/store";
import { useNow } from "@/lib/use-now";
import { useTranslation } from "react-i18next";

const FORGOTTEN = 7_000;

/** Whether somebody writes in a conversation right now. */
export function useIsTyping(id: string): boolean {
  const since = useCore((state) => state.typing.get(id) ?? null);
  const now = useNow(1_000);
  return since !== null && now - since < FORGOTTEN;
}

/** Above the composer; its place is kept, so that nothing jumps. */
export function TypingLine({ id, name }: { id: string; name: string }) {
  const { t } = useTranslation();
  const typing = useIsTyping(id);
  return (
    <div className="mx-auto h-5 w-full max-w-[760px] shrink-0 px-5 text-sm text-text-2">
      {typing && (
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
          {t("chat.typing", { name })}
        </span>
      )}
    </div>
  );
}
