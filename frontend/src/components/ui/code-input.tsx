import { classNames } from "@/lib/class-names";
import { digitsOf } from "@/lib/digits";
import { useId, useRef, useState } from "react";
import { FieldMessage } from "./text-field";

interface CodeInputProps {
  label: string;
  value: string;
  onChange: (code: string) => void;
  /** Called once the last digit is there, by typing or by paste. */
  onComplete: (code: string) => void;
  error?: string | null;
  length?: number;
  isDisabled?: boolean;
  autoFocus?: boolean;
}

/** One input that is drawn as cells: a screen reader and a password manager see one field. */
export function CodeInput({
  label,
  value,
  onChange,
  onComplete,
  error,
  length = 6,
  isDisabled = false,
  autoFocus = false,
}: CodeInputProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [focused, setFocused] = useState(false);
  const active = Math.min(value.length, length - 1);

  function edit(text: string) {
    const code = digitsOf(text, length);
    onChange(code);
    if (code.length === length && code !== value) onComplete(code);
  }

  /* Digits come and go at the end only: the cells have no caret to place. */
  function caretToEnd() {
    const end = input.current?.value.length ?? 0;
    input.current?.setSelectionRange(end, end);
  }

  return (
    <div className="flex flex-col gap-2">
      <div className="relative">
        <label htmlFor={id} className="sr-only">
          {label}
        </label>
        <div aria-hidden="true" className="grid auto-cols-fr grid-flow-col gap-2">
          {Array.from({ length }, (_, place) => (
            <span
              key={place}
              className={classNames(
                "code-digits grid h-14 place-items-center rounded-field border bg-surface text-title font-medium text-text",
                error ? "border-danger" : "border-edge",
                isDisabled && "opacity-60",
                focused && place === active && "outline-2 outline-offset-2 outline-focus",
              )}
            >
              {value[place] ?? ""}
            </span>
          ))}
        </div>
        <input
          ref={input}
          id={id}
          value={value}
          disabled={isDisabled}
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- the only thing to do on its screen
          autoFocus={autoFocus}
          inputMode="numeric"
          autoComplete="one-time-code"
          spellCheck={false}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          onChange={(event) => edit(event.target.value)}
          onFocus={() => {
            setFocused(true);
            caretToEnd();
          }}
          onSelect={caretToEnd}
          onBlur={() => setFocused(false)}
          className="absolute inset-0 w-full cursor-text bg-transparent text-transparent caret-transparent outline-none selection:bg-transparent"
        />
      </div>
      {error && (
        <p id={`${id}-error`} role="alert" className="animate-fade">
          <FieldMessage>{error}</FieldMessage>
        </p>
      )}
    </div>
  );
}
