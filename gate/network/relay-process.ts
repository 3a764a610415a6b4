import { setPriority } from 'node:os';
import { systemClock } from '../clock.ts';
import { PreciseScheduler } from './precise-scheduler.ts';
import { ImpairmentRelay } from './relay.ts';
import { type FromRelay, type ToRelay, toRelaySchema } from './relay-messages.ts';

/*
 * The relay in a process of its own, so that neither the gate's event loop nor what it measures
 * delays a packet. It ends with its parent.
 */

/** A network does not slow down because the machine is busy. */
const PRIORITY = -10;

if (process.getuid?.() === 0) {
  try {
    setPriority(PRIORITY);
  } catch (error) {
    // A container may withhold the right even from root; the statistics tell how late packets are.
    console.error('The relay runs at ordinary priority.', error);
  }
}

let relay: ImpairmentRelay | undefined;

function started(): ImpairmentRelay {
  if (!relay) throw new Error('The relay was not started.');
  return relay;
}

async function answer(message: ToRelay): Promise<FromRelay> {
  const { id } = message;
  switch (message.type) {
    case 'start':
      if (relay) throw new Error('The relay was started before.');
      relay = new ImpairmentRelay(
        message.profile,
        message.seed,
        systemClock,
        new PreciseScheduler(systemClock),
        message.host,
      );
      return { type: 'done', id };
    case 'open':
      return { type: 'opened', id, address: await started().open(message.target) };
    case 'mark-start':
      started().markStart();
      return { type: 'done', id };
    case 'statistics':
      return { type: 'statistics', id, statistics: started().statistics() };
  }
}

process.once('disconnect', () => process.exit(0));
// A terminal's Ctrl+C reaches the whole process group; who started it decides when its network ends.
process.on('SIGINT', () => undefined);
process.on('message', async (value) => {
  const message = toRelaySchema.parse(value);
  const reply = await answer(message).catch((error: unknown): FromRelay => {
    return { type: 'failed', id: message.id, message: String(error) };
  });
  if (process.connected) process.send?.(reply);
});
