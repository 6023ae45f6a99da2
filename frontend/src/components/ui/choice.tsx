import { Label, Radio, RadioGroup } from "react-aria-components";
import { classNames } from "@/lib/class-names";

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}

/** A few options side by side, one of them chosen. */
export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <RadioGroup
      value={value}
      onChange={(next) => onChange(next as T)}
      orientation="horizontal"
      className="flex flex-col gap-2"
    >
      <Label className="text-md font-medium">{label}</Label>
      <div className="flex gap-1 rounded-field bg-selected p-1 dark:bg-canvas">
        {options.map((option) => (
          <Radio
            key={option.value}
            value={option.value}
            className={({ isSelected, isHovered }) =>
              classNames(
                "relative grid min-h-10 grow cursor-default place-items-center rounded-[10px] px-2 text-center text-md transition sm:px-3 pointer-coarse:min-h-11",
                isSelected
                  ? "bg-surface font-medium text-text shadow-[0_1px_2px_rgb(23_33_27/.14)] dark:bg-selected"
                  : "text-text-2",
                !isSelected && isHovered && "text-text",
              )
            }
          >
            {option.label}
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}
