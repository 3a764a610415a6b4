/** ln Γ(x) for x > 0 (Lanczos, g = 7, n = 9): 15 digits. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313,
  -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6,
  1.5056327351493116e-7,
];

function logGamma(x: number): number {
  const z = x - 1;
  const sum = LANCZOS.reduce((acc, factor, i) => acc + (i === 0 ? factor : factor / (z + i)), 0);
  const t = z + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

const TINY = 1e-300;
const PRECISION = 1e-15;
const TERMS = 500;

/** The continued fraction of the incomplete beta function (Lentz's method; DLMF 8.17.22). */
function betaFraction(a: number, b: number, x: number): number {
  const guard = (value: number) => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= TERMS; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < PRECISION) break;
  }
  return h;
}

/** I_x(a, b), the regularised incomplete beta function. */
function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const log = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  const front = Math.exp(log);
  // The fraction converges fast on this side only; the function is symmetric.
  if (x < (a + 1) / (a + b + 2)) return (front * betaFraction(a, b, x)) / a;
  return 1 - (front * betaFraction(b, a, 1 - x)) / b;
}

/** The chance that Student's t with so many degrees of freedom is more than `t` ≥ 0. */
export function studentTail(t: number, freedom: number): number {
  return 0.5 * incompleteBeta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

/** From here on the continued fraction is as exact as the series, which then loses digits. */
const FAR = 3;
const SERIES_TERMS = 80;
const FRACTION_TERMS = 120;

/** The chance that a normal variable of deviation 1 is more than `z` ≥ 0 (DLMF 7.6.2 and 7.9.1). */
export function normalTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z < FAR) {
    let [term, sum] = [z, z];
    for (let k = 1; k < SERIES_TERMS; k++) {
      term *= (z * z) / (2 * k + 1);
      sum += term;
    }
    return 0.5 - density * sum;
  }
  let fraction = z;
  for (let k = FRACTION_TERMS; k > 0; k--) fraction = z + k / fraction;
  return density / fraction;
}

/** Beyond what any level here asks for: t of one degree of freedom at one in a million is 3e5. */
const HIGHEST = 1e6;

/** The value that is exceeded with the chance `tail`, up to 0.5, by a falling function's halving. */
function inverse(tailOf: (value: number) => number, tail: number): number {
  let [low, high] = [0, HIGHEST];
  while (high - low > 1e-13 * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (tailOf(middle) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The inverse of {@link studentTail}. */
export function studentQuantile(tail: number, freedom: number): number {
  return inverse((t) => studentTail(t, freedom), tail);
}

/** The inverse of {@link normalTail}. */
export function normalQuantile(tail: number): number {
  return inverse(normalTail, tail);
}
