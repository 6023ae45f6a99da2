import { classNames } from "@/lib/class-names";

/** A shape where something will stand. Invisible for the first 300 ms. */
export function Skeleton({ className }: { className: string }) {
  return <span className={classNames("animate-skeleton block bg-selected", className)} />;
}

/** Rows of a list of people or conversations. */
export function SkeletonRows({ count = 5, label }: { count?: number; label: string }) {
  return (
    <div role="status" aria-label={label} className="flex flex-col gap-1 px-3">
      {Array.from({ length: count }, (_, index) => (
        <div key={index} className="flex items-center gap-3 px-2.5 py-2.5">
          <Skeleton className="size-12 shrink-0 rounded-squircle" />
          <div className="flex grow flex-col gap-2">
            <Skeleton
              className={index % 2 ? "h-3.5 w-2/5 rounded-chip" : "h-3.5 w-1/2 rounded-chip"}
            />
            <Skeleton className={index % 2 ? "h-3 w-4/5 rounded-chip" : "h-3 w-3/5 rounded-chip"} />
          </div>
        </div>
      ))}
    </div>
  );
}
