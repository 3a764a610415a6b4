import type { BuildManifest } from '../../../protocol/build-manifest.ts';
import { studioBuildNeeds } from '../../../protocol/build-needs.ts';
import { fits, without } from '../../../protocol/capacity.ts';
import type { ContainerId } from '../../../protocol/ids.ts';
import type { BuildId } from '../../../protocol/studio-builds.ts';
import type { JoinedContainer } from '../../container-registry.ts';
import { headroomMs, warmthMs } from '../../indexer/score.ts';

/** A build that is to be tried out. */
export interface TriedBuild {
  readonly buildId: BuildId;
  readonly manifest: BuildManifest;
}

/** Where it is to be, or what it waits for, in a sentence. */
export type MachineChoice =
  | { readonly containerId: ContainerId; readonly name: string; readonly region: string }
  | { readonly waitsFor: string };

type Machine = Pick<JoinedContainer, 'candidate' | 'joined'>;

/**
 * Chooses by the indexer's own measures of a container what a player's ticket is chosen by, less what
 * only a player has: there is no path, and nobody for whom quality or price would matter more than that
 * players keep their room. So a machine that has room for a player beside it comes first.
 * @param barred those that did not take it a moment ago.
 */
export function chooseMachine(
  machines: Iterable<Machine>,
  build: TriedBuild,
  barred: ReadonlySet<ContainerId>,
): MachineChoice {
  const { runtime } = build.manifest;
  const able = [...machines].filter(({ joined }) => joined.builds.runtimes.includes(runtime));
  if (able.length === 0) {
    const kind = runtime === 'web' ? 'pages' : 'programs';
    return { waitsFor: `It waits for a machine: none that is connected runs ${kind} of studios.` };
  }
  const open = able.filter((machine) => hasRoom(machine, build));
  const free = open.filter(({ candidate }) => !barred.has(candidate.containerId));
  const [best] = free.sort((a, b) => costOf(a, build) - costOf(b, build) || byName(a, b));
  if (best) {
    const { containerId, name, region } = best.candidate;
    return { containerId, name, region };
  }
  return {
    waitsFor:
      open.length > 0
        ? 'It waits: the machine that could run it did not take it, and is asked again.'
        : 'It waits for a free machine. Players come first.',
  };
}

function hasRoom({ candidate, joined }: Machine, { manifest }: TriedBuild): boolean {
  const { state, freeSlots, free } = candidate;
  return state === 'standby' && freeSlots > 0 && fits(studioBuildNeeds(manifest, joined), free);
}

/** Less is better. */
function costOf({ candidate, joined }: Machine, { buildId, manifest }: TriedBuild): number {
  const needs = studioBuildNeeds(manifest, joined);
  const left = without(candidate.free, needs);
  const keepsRoom = candidate.freeSlots > 1 && fits(needs, left);
  const warm = warmthMs(joined.builds.warm.includes(buildId));
  return (keepsRoom ? 0 : TAKES_LAST_ROOM_MS) + headroomMs(candidate) + warm;
}

/** More than anything else adds up to: see signaling/indexer/parameters.ts. */
const TAKES_LAST_ROOM_MS = 1_000_000;

function byName(one: Machine, other: Machine): number {
  return one.candidate.containerId < other.candidate.containerId ? -1 : 1;
}
