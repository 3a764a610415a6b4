const RING_RADIUS = 34;
const RING_LENGTH = 2 * Math.PI * RING_RADIUS;

export interface CountdownProps {
  /** What is left of it, 0 to 1. */
  readonly fraction: number;
  readonly seconds: number;
  /** What goes on until it is over. */
  readonly what: string;
}

/** A ring that empties, with the seconds left in it. */
export function Countdown({ fraction, seconds, what }: CountdownProps) {
  return (
    <div class="countdown" role="timer" aria-label={`${seconds} seconds more ${what}`}>
      <svg viewBox="0 0 80 80" aria-hidden="true">
        <circle class="track" cx="40" cy="40" r={RING_RADIUS} />
        <circle
          class="left"
          cx="40"
          cy="40"
          r={RING_RADIUS}
          stroke-dasharray={`${fraction * RING_LENGTH} ${RING_LENGTH}`}
        />
      </svg>
      <span aria-hidden="true">{seconds} s</span>
    </div>
  );
}
