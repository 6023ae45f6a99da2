/** A small turning ring: something is on its way. The label stands elsewhere. */
export function Ring({ size = 18 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 18 18"
      fill="none"
      aria-hidden="true"
      className="animate-turn"
    >
      <circle cx="9" cy="9" r="7" stroke="currentColor" strokeOpacity=".3" strokeWidth="2" />
      <path d="M16 9a7 7 0 0 0-7-7" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />
    </svg>
  );
}
