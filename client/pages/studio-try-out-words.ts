import type { BuildManifest } from '../../protocol/build-manifest.ts';
import type { Screenshot, TryOutReport } from '../../protocol/try-out-report.ts';
import { formatMs } from './display-units.ts';

/** What a problem is, what to do about it where that is known, and what the game wrote last. */
export interface TryOutProblem {
  readonly sentence: string;
  readonly remedy: string | undefined;
  readonly lines: string;
}

/** By how a sentence begins that says what happened, and not what to do. */
const REMEDIES: readonly (readonly [RegExp, string])[] = [
  [
    /^The game has shown no window/,
    'Does it wait for the internet, for a file outside its own folder, or for somebody to press something in a terminal? It has none of these. What it wrote may say what it did last.',
  ],
  [
    /^The game ended without having shown a window/,
    'Does "entry" name a launcher that starts the game and leaves? Name the game itself.',
  ],
  [
    /^The game ended with code/,
    'What it wrote before may say why. Files beside its own folder and its home folder are not there, and nothing else may be written to.',
  ],
  [
    /^The game crashed/,
    'Try it with "rockpool run" on a machine without a GPU: what it is drawn with there is what most containers have.',
  ],
];

export function problemOf({
  problem,
  log,
}: Pick<TryOutReport, 'problem' | 'log'>): TryOutProblem | undefined {
  if (problem === null) return undefined;
  const [sentence = '', ...rest] = problem.split('\n');
  const remedy = REMEDIES.find(([pattern]) => pattern.test(sentence))?.[1];
  return { sentence, remedy, lines: log.length > 0 ? log.join('\n') : rest.join('\n').trim() };
}

/** A bar of the waterfall: parts of one scale, from its start on. */
export interface FigureBar {
  readonly title: string;
  /** For who does not see it. */
  readonly words: string;
  readonly parts: readonly {
    readonly kind: 'boot' | 'first' | 'game' | 'stream';
    /** 0 to 1 of the bar. */
    readonly from: number;
    readonly to: number;
  }[];
  /** 0 to 1: 95 % of the frames end before it. */
  readonly mark: number | undefined;
}

/** What came first, and what each frame costs: the game's part apart from the stream's. */
export function figureBars(
  report: TryOutReport,
  { frameRate }: Pick<BuildManifest, 'frameRate'>,
): FigureBar[] {
  return [...startBar(report), ...frameBars(report, 1000 / frameRate)];
}

function startBar({ bootMs, firstFrameMs }: TryOutReport): FigureBar[] {
  if (bootMs === null) return [];
  const shownMs = Math.max(bootMs, firstFrameMs ?? bootMs, 1);
  const first = firstFrameMs === null ? 'no picture yet' : `${seconds(firstFrameMs)} to a picture`;
  return [
    {
      title: 'Start',
      words: `${seconds(bootMs)} to its window, ${first}`,
      parts: [
        { kind: 'boot', from: 0, to: bootMs / shownMs },
        { kind: 'first', from: bootMs / shownMs, to: 1 },
      ],
      mark: undefined,
    },
  ];
}

function frameBars(report: TryOutReport, budgetMs: number): FigureBar[] {
  const { frameTimeP50Ms, frameTimeP95Ms, encodeP50Ms, encodeP95Ms } = report;
  const scaleMs = Math.max(frameTimeP95Ms ?? 0, encodeP95Ms ?? 0, budgetMs) || 1;
  const bar = (
    title: string,
    kind: 'game' | 'stream',
    p50Ms: number | null,
    p95Ms: number | null,
  ): FigureBar[] => {
    if (p50Ms === null || p95Ms === null) return [];
    return [
      {
        title,
        words: `${formatMs(p50Ms)} ms, 95 % within ${formatMs(p95Ms)} ms`,
        parts: [{ kind, from: 0, to: Math.min(1, p50Ms / scaleMs) }],
        mark: Math.min(1, p95Ms / scaleMs),
      },
    ];
  };
  return [
    ...bar('A frame of the game', 'game', frameTimeP50Ms, frameTimeP95Ms),
    ...bar('Encoding it', 'stream', encodeP50Ms, encodeP95Ms),
  ];
}

/** Further facts, a name and a value each. */
export function figureFacts(report: TryOutReport): [string, string][] {
  const { frameRate, frames, resolution, cpus, memoryBytes, encoder, exitCode } = report;
  const facts: [string, string][] = [];
  if (frameRate !== null) facts.push(['Pictures a second', `${frameRate.toFixed(1)} (${frames})`]);
  if (resolution) facts.push(['Picture', `${resolution.width} × ${resolution.height}`]);
  if (cpus !== null) facts.push(['Processor', `${cpus.toFixed(1)} cores`]);
  if (memoryBytes !== null) facts.push(['Memory', `${Math.round(memoryBytes / 2 ** 20)} MiB`]);
  // One is ready before there is anything to encode.
  if (encoder !== null && frames > 0) facts.push(['Encoder', encoder]);
  if (exitCode !== null) facts.push(['Exit code', String(exitCode)]);
  return facts;
}

/** One moment of a game, in the sizes and formats that there are. */
export interface ShownMoment {
  readonly atMs: number;
  readonly avif: readonly Screenshot[];
  readonly webp: readonly Screenshot[];
  /** For browsers that know no `srcset`, and to look at alone. */
  readonly largest: Screenshot;
}

export function momentsOf({ screenshots }: Pick<TryOutReport, 'screenshots'>): ShownMoment[] {
  const moments = new Map<number, Screenshot[]>();
  for (const one of screenshots) {
    moments.set(one.atMs, [...(moments.get(one.atMs) ?? []), one]);
  }
  return [...moments].flatMap(([atMs, files]) => {
    const bySize = [...files].sort((a, b) => a.width - b.width);
    const webp = bySize.filter(({ format }) => format === 'webp');
    const largest = webp.at(-1) ?? bySize.at(-1);
    const avif = bySize.filter(({ format }) => format === 'avif');
    return largest ? [{ atMs, avif, webp, largest }] : [];
  });
}

/** "0.8 s", "12 s". */
export function seconds(ms: number): string {
  return `${ms < 9_950 ? (ms / 1000).toFixed(1) : (ms / 1000).toFixed(0)} s`;
}
