import type { LiveMachine } from '../../protocol/console-report.ts';

const GIB = 2 ** 30;

interface Part {
  readonly name: string;
  /** 0 to 1. */
  readonly taken: number;
  /** How much of how much. */
  readonly words: string;
}

/** What of the machine is taken, part by part. */
export function ConsoleLoad({ live }: { readonly live: LiveMachine }) {
  return (
    <dl class="console-load">
      {partsOf(live).map(({ name, taken, words }) => (
        <div key={name} class={taken > 0.9 ? 'full' : ''}>
          <dt>{name}</dt>
          <dd>
            {words}
            <span class="console-bar" aria-hidden="true">
              <i style={{ width: `${Math.min(1, Math.max(0, taken)) * 100}%` }} />
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function partsOf({ capacity, free, slots, freeSlots, running }: LiveMachine): Part[] {
  const part = (name: string, all: number, left: number, words: Format): Part[] =>
    // A machine without a GPU has none of its memory to give.
    all === 0 ? [] : [{ name, taken: (all - left) / all, words: words(all - left, all) }];
  // One that may be gone in a moment still holds its place.
  const taken = Math.max(running.length, slots - freeSlots);
  return [
    ...part('Places', slots, slots - taken, (used, all) => `${used} of ${all}`),
    ...part(
      'Encoding',
      capacity.pixelsPerSecond,
      free.pixelsPerSecond,
      (used, all) => `${short(used / 1e6)} of ${short(all / 1e6)} megapixels/s`,
    ),
    ...part(
      'Processor',
      capacity.cpus,
      free.cpus,
      (used, all) => `${short(used)} of ${short(all)} cores`,
    ),
    ...part('Memory', capacity.memoryBytes, free.memoryBytes, gibibytes),
    ...part('GPU memory', capacity.gpuMemoryBytes, free.gpuMemoryBytes, gibibytes),
  ];
}

type Format = (used: number, all: number) => string;

const gibibytes: Format = (used, all) => `${short(used / GIB)} of ${short(all / GIB)} GiB`;

/** "3", "3.4", "34". */
function short(value: number): string {
  return String(Number(value >= 9.95 ? value.toFixed(0) : value.toFixed(1)));
}
