/** A lamp in a window: somebody is home. */
export function Lamp() {
  return (
    <svg width="128" height="120" viewBox="0 0 128 120" fill="none" aria-hidden="true">
      <path
        d="M26 108V52a38 38 0 0 1 76 0v56"
        className="fill-moss stroke-moss"
        fillOpacity=".16"
        strokeWidth="4"
      />
      <path
        d="M64 14v22M64 78v30M26 62h16M86 62h16"
        className="stroke-moss"
        strokeOpacity=".5"
        strokeWidth="3"
      />
      <circle cx="64" cy="62" r="26" className="fill-ember" fillOpacity=".18" />
      <circle cx="64" cy="62" r="16" className="fill-ember" fillOpacity=".28" />
      <path d="M54 48h20l6 22H48l6-22Z" className="fill-ember" />
      <path d="M64 70v16M54 87h20" className="stroke-moss" strokeWidth="4" strokeLinecap="round" />
      <path d="M16 109h96" className="stroke-moss" strokeWidth="5" strokeLinecap="round" />
      <path
        d="M92 106c-2-12 1-20 9-26 5 8 4 18-3 26h-6ZM90 106c-6-4-9-9-9-16 7 2 11 8 11 16"
        className="fill-moss"
      />
    </svg>
  );
}
