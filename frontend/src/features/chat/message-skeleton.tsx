import { Skeleton } from "@/components/ui/skeleton";

const shapes = ["w-52", "w-40", "w-64 self-end", "w-48 self-end", "w-56"];

/** Stands where messages will be while they are read. */
export function MessageSkeleton() {
  return (
    <div className="mx-auto flex w-full max-w-[760px] grow flex-col justify-end gap-2 px-4 pb-3">
      {shapes.map((shape) => (
        <Skeleton key={shape} className={`h-10 rounded-bubble ${shape}`} />
      ))}
    </div>
  );
}
