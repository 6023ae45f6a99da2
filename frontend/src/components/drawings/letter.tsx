/** A letter on a branch: nobody has written yet. */
export function Letter() {
  return (
    <svg width="132" height="108" viewBox="0 0 132 108" fill="none" aria-hidden="true">
      <path
        d="M6 24c34 6 70 4 120-12M92 20c10 4 16 10 20 20"
        className="stroke-moss"
        strokeWidth="4.5"
        strokeLinecap="round"
      />
      <path
        d="M22 27c-9 4-13 11-12 20 10-1 15-9 12-20ZM40 28c2 9 8 13 16 14 0-9-6-14-16-14ZM112 40c8 1 13 6 14 14-9 1-14-5-14-14ZM108 16c4-7 10-10 17-9-2 8-8 11-17 9Z"
        className="fill-moss"
        fillOpacity=".4"
      />
      <path d="M68 25v14" className="stroke-ember" strokeWidth="3" strokeLinecap="round" />
      <g transform="rotate(-5 68 68)">
        <rect x="34" y="42" width="68" height="48" rx="8" className="fill-moss" />
        <path
          d="m39 48 25 20a6 6 0 0 0 8 0l25-20"
          className="stroke-surface"
          strokeWidth="3"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <circle cx="68" cy="73" r="7" className="fill-ember" />
      </g>
    </svg>
  );
}
