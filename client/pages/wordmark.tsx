/** The product's mark and name: a low sun over a pool. */
export function Wordmark() {
  return (
    <span class="wordmark">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <circle class="sun" cx="20" cy="10" r="5" />
        <path
          class="near"
          d="M2.500 19c2.300-2.500 4.700-2.500 7 0s4.700 2.500 7 0 4.700-2.500 7 0 4.500 2.300 6 .600"
        />
        <path class="far" d="M6 25.500c2-2 4-2 6 0s4 2 6 0 4-2 6 0" />
      </svg>
      rockpool
    </span>
  );
}
