import { Ring } from "@/components/ui/ring";

const LENGTH = 2 * Math.PI * 20;

/** How much has travelled; a turning ring while that is not known. */
export function ProgressRing({ done }: { done: number | null }) {
  if (done === null || done >= 1) return <Ring size={40} />;
  return (
    <svg viewBox="0 0 44 44" fill="none" aria-hidden="true" className="size-11 -rotate-90">
      <circle cx="22" cy="22" r="20" stroke="currentColor" strokeOpacity=".3" strokeWidth="3" />
      <circle
        cx="22"
        cy="22"
        r="20"
        stroke="currentColor"
        strokeWidth="3"
        strokeLinecap="round"
        strokeDasharray={LENGTH}
        strokeDashoffset={LENGTH * (1 - Math.max(0.04, done))}
      />
    </svg>
  );
}
