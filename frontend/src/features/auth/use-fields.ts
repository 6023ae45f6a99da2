import { useState } from "react";

type Rules<V> = { [K in keyof V]: (value: string, all: V) => string | null };

/** Fields whose errors appear when they are left and vanish when they are edited. */
export function useFields<V extends Record<keyof V, string>>(initial: V, rules: Rules<V>) {
  const [values, setValues] = useState(initial);
  const [left, setLeft] = useState<Partial<Record<keyof V, boolean>>>({});
  const [refused, setRefused] = useState<Partial<Record<keyof V, string>>>({});

  function field<K extends keyof V & string>(name: K) {
    return {
      name,
      value: values[name],
      error: refused[name] ?? (left[name] ? rules[name](values[name], values) : null),
      onChange(value: string) {
        setValues((before) => ({ ...before, [name]: value }));
        setLeft((before) => ({ ...before, [name]: false }));
        setRefused((before) => ({ ...before, [name]: undefined }));
      },
      onBlur() {
        if (values[name]) setLeft((before) => ({ ...before, [name]: true }));
      },
    };
  }

  /** Shows every error; the name of the first wrong field, or `null` when all is well. */
  function check(): (keyof V & string) | null {
    const names = Object.keys(rules) as (keyof V & string)[];
    setLeft(Object.fromEntries(names.map((name) => [name, true])) as typeof left);
    return names.find((name) => rules[name](values[name], values) !== null) ?? null;
  }

  /** Sets what the server found. */
  function refuse(errors: Partial<Record<keyof V, string>>): void {
    setRefused((before) => ({ ...before, ...errors }));
  }

  return { values, field, check, refuse };
}
