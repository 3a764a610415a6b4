import { RockpoolError } from '../../protocol/errors.ts';

/** A session holds a port for each address of the machine, and the ones of its last connection. */
const MIN_PORTS_PER_SLOT = 8;

/**
 * The UDP ports of a slot: its own, as workers do not know of one another's.
 * @param all the first and the last one there is; undefined leaves the choice to the system.
 * @throws RockpoolError `bad-configuration` where a slot would get too few.
 */
export function portsOfSlot(
  all: readonly [number, number] | undefined,
  slots: number,
  slot: number,
): [number, number] | undefined {
  if (!all) return undefined;
  const [low, high] = all;
  const each = Math.floor((high - low + 1) / slots);
  if (each < MIN_PORTS_PER_SLOT) {
    throw new RockpoolError(
      'bad-configuration',
      `ROCKPOOL_UDP_PORTS is too small: ${slots} slots need ${slots * MIN_PORTS_PER_SLOT} ports.`,
    );
  }
  return [low + slot * each, low + (slot + 1) * each - 1];
}

/** For how many slots the ports suffice. */
export function slotsWithPorts(all: readonly [number, number] | undefined): number {
  return all ? Math.floor((all[1] - all[0] + 1) / MIN_PORTS_PER_SLOT) : Number.POSITIVE_INFINITY;
}
