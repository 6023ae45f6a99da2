/** A path that goes on between hills. */
export function Path() {
  return (
    <svg width="136" height="100" viewBox="0 0 136 100" fill="none" aria-hidden="true">
      <circle cx="90" cy="36" r="15" className="fill-ember" />
      <path d="M4 66c18-22 38-30 58-22s34 6 70-6v42H4V66Z" className="fill-moss" fillOpacity=".3" />
      <path d="M4 82c26-18 52-24 78-16 18 5 34 5 50-2v28H4V82Z" className="fill-moss" />
      <path
        d="M50 92c-2-8 20-10 20-16 0-5-14-6-13-11 1-4 9-5 15-6-3 4-4 5 0 7 6 3 18 5 17 12-1 6-13 8-11 14H50Z"
        className="fill-surface"
      />
      <path
        d="M24 66V44M24 46c-7 0-9-6-8-13 8 1 10 6 8 13ZM24 54c7-1 9-6 8-12-7 1-9 6-8 12Z"
        className="fill-moss stroke-moss"
        strokeWidth="2.5"
        strokeLinecap="round"
      />
    </svg>
  );
}
