const motes = Array.from({ length: 22 }, (_, index) => ({
  left: `${(index * 37 + 9) % 100}%`,
  top: `${(index * 61 + 13) % 100}%`,
  size: 2 + ((index * 7) % 4),
  opacity: 0.18 + ((index * 5) % 10) * 0.027,
  delay: `${-((index * 11) % 40)}s`,
}));

/** Dawn in a quiet forest, behind the door. Only transforms move; nothing moves when hidden. */
export function Sky({ hills = false }: { hills?: boolean }) {
  return (
    <div className="sky" aria-hidden="true">
      <div className="sky-field" />
      <div className="sky-field" />
      <div className="sky-field" />
      {motes.map((mote) => (
        <span
          key={mote.delay + mote.left}
          className="sky-mote"
          style={{
            left: mote.left,
            top: mote.top,
            width: mote.size,
            height: mote.size,
            opacity: mote.opacity,
            animationDelay: mote.delay,
          }}
        />
      ))}
      {hills && <Hills />}
    </div>
  );
}

function Hills() {
  return (
    <svg className="sky-hills" viewBox="0 0 1440 380" preserveAspectRatio="xMidYMax slice">
      <path d="M0 190c120-60 220-84 340-62s190 76 330 58 210-104 370-92 260 96 400 82v204H0Z" />
      <path d="M0 262c150-26 250-92 400-80s240 96 390 84 230-88 360-80 210 54 290 44v150H0Z" />
      <path d="M0 318c170 12 260-48 420-44s250 60 420 52 250-62 370-56 180 34 230 30v80H0Z" />
    </svg>
  );
}
