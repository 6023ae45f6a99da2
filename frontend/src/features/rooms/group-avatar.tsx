import { Avatar } from "@/components/ui/avatar";
import { UsersThreeIcon } from "@phosphor-icons/react/UsersThree";

const icons = { 40: 22, 48: 26, 96: 48 };

/** A group's sign, until it has a picture. */
export function GroupAvatar({ name, size = 48 }: { name: string; size?: 40 | 48 | 96 }) {
  return (
    <Avatar name={name} size={size} icon={<UsersThreeIcon size={icons[size]} weight="fill" />} />
  );
}
