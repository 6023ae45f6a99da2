import { useTray } from "@/features/files/chosen";
import { useTranslation } from "react-i18next";
import { useDraft } from "./drafts";

/** Where the composer stood, until somebody has answered for another's keys: nothing is lost. */
export function ClosedComposer({ id }: { id: string }) {
  const { t } = useTranslation();
  const draft = useDraft(id);
  const { length: files } = useTray(id).chosen;
  return (
    <div className="mx-auto w-full max-w-[760px] px-4 pt-1 pb-[max(16px,env(safe-area-inset-bottom))]">
      <div className="rounded-[24px] border border-dashed border-edge bg-sunken px-4 py-[11px] text-md text-text-2">
        <p>{t(draft ? "trust.closedDraft" : "trust.closed")}</p>
        {draft && (
          <p className="mt-0.5 line-clamp-3 [overflow-wrap:anywhere] whitespace-pre-wrap text-text">
            {draft}
          </p>
        )}
        {files > 0 && <p>{t("trust.closedFiles", { count: files })}</p>}
      </div>
    </div>
  );
}
