import { classNames } from "@/lib/class-names";
import { type ReactNode, useState } from "react";

interface AvatarProps {
  name: string;
  /** Where the picture is; the first letter stands in for it. */
  picture?: string | null;
  /** Stands in for the letter. */
  icon?: ReactNode;
  size?: 32 | 40 | 48 | 96;
  /** Draws the dot; the words stand beside it. */
  online?: boolean;
  /** The ground that the dot is cut out of. */
  ground?: "sunken" | "surface" | "selected" | "canvas";
}

const sizes = {
  32: "size-8 text-sm",
  40: "size-10 text-body",
  48: "size-12 text-body",
  96: "size-24 text-hero",
};

const grounds = {
  sunken: "border-sunken",
  surface: "border-surface",
  selected: "border-selected",
  canvas: "border-canvas",
};

/** Somebody's picture or first letter. Never read out: the name stands beside it. */
export function Avatar({
  name,
  picture = null,
  icon,
  size = 48,
  online = false,
  ground = "surface",
}: AvatarProps) {
  const [missing, setMissing] = useState<string | null>(null);
  return (
    <span
      aria-hidden="true"
      className={classNames(
        "relative grid shrink-0 place-items-center rounded-squircle bg-avatar font-strong text-moss-text select-none",
        sizes[size],
      )}
    >
      {icon ?? initial(name)}
      {picture && picture !== missing && (
        <img
          src={picture}
          alt=""
          draggable={false}
          onError={() => setMissing(picture)}
          className="absolute inset-0 size-full rounded-squircle object-cover"
        />
      )}
      {online && (
        <span
          className={classNames(
            "absolute right-0 bottom-0 translate-x-[12%] translate-y-[12%] rounded-full border-2 bg-online",
            grounds[ground],
            size === 96 ? "size-5" : "size-3.5",
          )}
        />
      )}
    </span>
  );
}

/** The first letter as a person sees it, also for names in several code points. */
function initial(name: string): string {
  const [first] = new Intl.Segmenter().segment(name.trim());
  return (first?.segment ?? "?").toLocaleUpperCase();
}
