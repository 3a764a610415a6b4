import type { PooledContainer } from '../../protocol/pool-report.ts';

/** "1 place", "1,200 places". */
export function countOf(number: number, thing: string): string {
  return `${number.toLocaleString('en')} ${thing}${number === 1 ? '' : 's'}`;
}

/** How a machine stands to the next player, in a word or two. */
export interface Readiness {
  readonly label: string;
  readonly tone: 'open' | 'full' | 'away';
}

export function readinessOf({ state, freePlaces }: PooledContainer): Readiness {
  switch (state) {
    case 'standby':
      return freePlaces > 0 ? { label: 'Open', tone: 'open' } : { label: 'Full', tone: 'full' };
    case 'busy':
      return { label: 'Full', tone: 'full' };
    case 'draining':
      return { label: 'Leaving', tone: 'away' };
    case 'joining':
      return { label: 'Joining', tone: 'away' };
    case 'quarantined':
      return { label: 'Resting', tone: 'away' };
  }
}

/** "2 games being played · 3 places free". */
export function loadSentence({ sessions, freePlaces }: PooledContainer): string {
  const played = sessions === 0 ? 'Nobody plays' : `${countOf(sessions, 'game')} being played`;
  return `${played} · ${freePlaces === 0 ? 'no place' : countOf(freePlaces, 'place')} free`;
}

const GPU_KINDS = { hardware: 'GPU', software: 'Software', none: 'No graphics' } as const;

/** What it draws with: "GPU: NVIDIA L4". */
export function gpuSentence({ gpu }: PooledContainer): string {
  const kind = GPU_KINDS[gpu.kind];
  return gpu.description === '' ? kind : `${kind}: ${gpu.description}`;
}

/** "free", "2.5 an hour". @param pricePerHour in the pool's own unit. */
export function formatPrice(pricePerHour: number): string {
  return pricePerHour === 0 ? 'Free' : `${Number(pricePerHour.toPrecision(3))} an hour`;
}

/** "980 Mpx/s". */
export function formatPixelRate(pixelsPerSecond: number): string {
  const megapixels = pixelsPerSecond / 1e6;
  return `${megapixels < 9.95 ? megapixels.toFixed(1) : Math.round(megapixels).toLocaleString('en')} Mpx/s`;
}
