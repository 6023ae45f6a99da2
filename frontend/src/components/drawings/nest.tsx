/** A nest with two eggs: there is room for somebody. */
export function Nest() {
  return (
    <svg width="136" height="104" viewBox="0 0 136 104" fill="none" aria-hidden="true">
      <path
        d="M8 84c30-9 88-9 120-2"
        className="stroke-moss"
        strokeWidth="4"
        strokeLinecap="round"
      />
      <path
        d="M104 80c9-13 15-16 24-17-1 10-9 17-24 17ZM24 82C14 72 12 64 13 55c9 4 14 14 11 27Z"
        className="fill-moss"
        fillOpacity=".35"
      />
      <ellipse
        cx="55"
        cy="40"
        rx="13"
        ry="17"
        transform="rotate(-10 55 40)"
        className="fill-ember"
      />
      <ellipse
        cx="79"
        cy="41"
        rx="12.5"
        ry="16"
        transform="rotate(12 79 41)"
        className="fill-ember"
        fillOpacity=".72"
      />
      <path
        d="M24 46c4 26 22 38 44 38s40-12 44-38c-12 6-28 9-44 9s-32-3-44-9Z"
        className="fill-moss"
      />
      <path
        d="M30 52c10 12 28 18 50 17M40 71c14 5 36 4 52-7M106 51c-8 9-18 14-30 16M26 47c-4-3-8-4-12-3M110 47c5-4 9-5 13-4M58 83c-6 4-11 5-16 4"
        className="stroke-surface"
        strokeOpacity=".55"
        strokeWidth="2"
        strokeLinecap="round"
      />
      <path
        d="M26 47c-4-3-8-4-12-3M110 47c5-4 9-5 13-4"
        className="stroke-moss"
        strokeWidth="3"
        strokeLinecap="round"
      />
    </svg>
  );
}
