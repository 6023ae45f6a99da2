/** An open-topped speech bubble that hugs a rising sun. */
export function Logo({ size = 34 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <path
        className="fill-moss"
        d="M6.6 6.2A13 13 0 0 0 5.9 25l-1.4 3.7c-.3.8.5 1.5 1.2 1.1l4.3-2.2A13 13 0 0 0 25.4 6.2c-.7-.7-1.8-.1-1.7.9A9.9 9.9 0 1 1 8.3 7.1c.1-1-1-1.6-1.7-.9Z"
      />
      <circle cx="16" cy="12.4" r="7" className="fill-ember" />
    </svg>
  );
}

export function WordMark({ size = 34 }: { size?: number }) {
  return (
    <span className="inline-flex items-center gap-2.5">
      <Logo size={size} />
      <span className="text-lg font-strong tracking-tight text-text">snug</span>
    </span>
  );
}
