import { useId } from 'preact/hooks';

const WIDTH = 320;
const HEIGHT = 180;

/** FNV-1a, 32 bits: the same title always gives the same picture. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
}

/** A band of waves across the picture, filled down to its foot. */
function wave(y: number, amplitude: number, periods: number, shift: number): string {
  const points: string[] = [];
  for (let x = 0; x <= WIDTH; x += 8) {
    const phase = (x / WIDTH) * periods * 2 * Math.PI + shift;
    points.push(`${x} ${(y + Math.sin(phase) * amplitude).toFixed(1)}`);
  }
  return `M0 ${HEIGHT}L${points.join('L')}L${WIDTH} ${HEIGHT}Z`;
}

/** What stands for a game until it has rendered its own cover: a sea of its own, drawn from its title. */
export function PlaceholderCover({ title }: { readonly title: string }) {
  const id = useId();
  const seed = hash(title);
  const hue = 165 + (seed % 70);
  const sunX = 60 + ((seed >>> 8) % 200);
  const sunY = 52 + ((seed >>> 16) % 34);
  const shift = ((seed >>> 4) % 628) / 100;
  return (
    <svg
      class="cover-art"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="xMidYMid slice"
      aria-hidden="true"
    >
      <defs>
        <linearGradient id={id} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stop-color={`hsl(${hue} 45% 15%)`} />
          <stop offset="0.55" stop-color={`hsl(${hue} 32% 30%)`} />
          <stop offset="0.62" stop-color="hsl(18 52% 58%)" />
        </linearGradient>
      </defs>
      <rect width={WIDTH} height={HEIGHT} fill={`url(#${id})`} />
      <circle cx={sunX} cy={sunY} r="22" fill="hsl(18 92% 74%)" />
      <path d={wave(104, 3, 2.5, shift)} fill={`hsl(${hue} 38% 26%)`} />
      <path d={wave(122, 5, 1.8, shift * 2)} fill={`hsl(${hue} 42% 19%)`} />
      <path d={wave(146, 7, 1.3, shift * 3)} fill={`hsl(${hue} 46% 12%)`} />
    </svg>
  );
}
