/** What sessions may leave behind, in the order of the report. */
export const TRACE_KINDS = [
  'processes',
  'PulseAudio processes and sockets',
  'X displays (sockets, locks)',
  'mounts',
  'control groups',
  'temporary folders',
  'shared memory',
] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];

/** Names of what there is; two that have the same name are two. */
export type Traces = Readonly<Record<TraceKind, readonly string[]>>;

/** @returns what `after` has and `before` had not, or had fewer of. */
export function leftBeyond(before: readonly string[], after: readonly string[]): string[] {
  const known = new Map<string, number>();
  for (const name of before) known.set(name, (known.get(name) ?? 0) + 1);
  return after.filter((name) => {
    const count = known.get(name) ?? 0;
    known.set(name, count - 1);
    return count <= 0;
  });
}

export function traceDifference(before: Traces, after: Traces): Traces {
  const kinds = TRACE_KINDS.map((kind) => [kind, leftBeyond(before[kind], after[kind])] as const);
  return Object.fromEntries(kinds) as unknown as Traces;
}

export function traceCount(traces: Traces): number {
  return TRACE_KINDS.reduce((sum, kind) => sum + traces[kind].length, 0);
}

/** @param mountinfo of proc(5). @returns where something of ours is mounted. */
export function mountPointsOf(mountinfo: string, ours: RegExp): string[] {
  return mountinfo
    .split('\n')
    .filter((line) => ours.test(line))
    .map((line) => line.split(' ')[4] ?? line);
}

/** @param table `/proc/net/unix` of proc(5). @returns paths of sockets within a folder. */
export function socketsWithin(table: string, folder: string): string[] {
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[7] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
}
