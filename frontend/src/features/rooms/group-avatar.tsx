import { Avatar } from "@/components/ui/avatar";
import { useCore } from "@/core/store";
import { UsersThreeIcon } from "@phosphor-icons/react/UsersThree";

const icons = { 40: 22, 48: 26, 96: 48 };

interface GroupAvatarProps {
  /** The group's room. */
  room: string;
  name: string;
  size?: 40 | 48 | 96;
}

/** A group's picture; its sign where it has none. */
export function GroupAvatar({ room, name, size = 48 }: GroupAvatarProps) {
  const picture = useCore((state) => state.roomPictures.get(room) ?? null);
  return (
    <Avatar
      name={name}
      picture={picture}
      size={size}
      icon={<UsersThreeIcon size={icons[size]} weight="fill" />}
    />
  );
}
