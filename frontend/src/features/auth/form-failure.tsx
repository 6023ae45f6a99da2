import { Notice } from "@/components/ui/notice";
import { WarningCircleIcon } from "@phosphor-icons/react/WarningCircle";

/** Above the button: why the form was not taken. */
export function FormFailure({ text }: { text: string | null }) {
  if (!text) return null;
  return (
    <Notice tone="danger" announces icon={<WarningCircleIcon size={18} weight="fill" />}>
      {text}
    </Notice>
  );
}
