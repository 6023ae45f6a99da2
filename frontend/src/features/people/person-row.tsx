import { Avatar } from "@/components/ui/avatar";
import type { ReactNode } from "react";
import { displayName } from "./names";

interface PersonRowProps {
  person: { username: string; name: string | null; avatar: string | null };
  online?: boolean;
  /** Under the name; the username without it. */
  line?: string;
  children?: ReactNode;
}

/** Somebody in a list, with room for what one may do about them. */
export function PersonRow({ person, online, line, children }: PersonRowProps) {
  return (
    <li className="flex items-center gap-3 rounded-field px-2.5 py-2">
      <Avatar
        name={displayName(person)}
        picture={person.avatar}
        online={online ?? false}
        ground="sunken"
      />
      <div className="min-w-0 grow">
        <p className="truncate font-medium">{displayName(person)}</p>
        <p className="truncate text-md text-text-2">{line ?? `@${person.username}`}</p>
      </div>
      <div className="flex shrink-0 items-center gap-1">{children}</div>
    </li>
  );
}

export function RowSection({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="px-2.5 pb-1 text-sm font-medium text-text-2">{title}</h2>
      <ul className="flex flex-col">{children}</ul>
    </section>
  );
}
