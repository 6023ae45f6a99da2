import { Ring } from "@/components/ui/ring";
import type { Delivery } from "./delivery";

/** Ring, tick, two ticks, two heavy ticks. Words go along for those who do not see them. */
export function Tick({ delivery }: { delivery: Delivery }) {
  if (delivery === "sending") return <Ring size={12} />;
  if (delivery === "failed") return null;
  const double = delivery !== "sent";
  return (
    <svg
      width={double ? 18 : 13}
      height="12"
      viewBox={double ? "0 0 18 12" : "0 0 13 12"}
      fill="none"
      stroke="currentColor"
      strokeWidth={delivery === "read" ? 2.4 : 1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d="m2 6.5 3 3.2 6-7" />
      {double && <path d="m8.6 9.2.5.5 6.4-7" />}
    </svg>
  );
}
