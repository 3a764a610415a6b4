import { BEAT_INTERVAL_MS } from '../../signaling/nodes/node-roster.ts';
import { SignalingFixture } from './signaling-fixture.ts';
import { SimulatedBus } from './simulated-bus.ts';

/** Of both nodes. */
export const SIGNING_KEY = 'A'.repeat(43);
const JOIN_TOKEN = 'the token of both nodes';

/** Two real signaling servers that hear one another. */
export class SignalingPair {
  readonly bus: SimulatedBus;
  readonly one: SignalingFixture;
  readonly two: SignalingFixture;

  private constructor(bus: SimulatedBus, one: SignalingFixture, two: SignalingFixture) {
    this.bus = bus;
    this.one = one;
    this.two = two;
  }

  static async start(): Promise<SignalingPair> {
    const bus = new SimulatedBus(true);
    const shared = { joinToken: JOIN_TOKEN, signingKey: SIGNING_KEY };
    const one = await SignalingFixture.start({ ...shared, nodeName: 'one' }, bus.open());
    const two = await SignalingFixture.start({ ...shared, nodeName: 'two' }, bus.open());
    const pair = new SignalingPair(bus, one, two);
    await pair.until(async () => (await pair.nodesKnownTo(two)).includes('one'));
    return pair;
  }

  /** What `/healthz` of a server says of others. */
  async nodesKnownTo(fixture: SignalingFixture): Promise<string> {
    return JSON.stringify(
      ((await (await fixture.get('/healthz')).json()) as { nodes: unknown }).nodes,
    );
  }

  /** How many containers that take sessions a server knows of. */
  containersKnownTo(fixture: SignalingFixture): Promise<number> {
    return fixture.metric('rockpool_containers{state="standby"}');
  }

  async until(isTrue: () => Promise<boolean> | boolean): Promise<void> {
    while (!(await isTrue())) {
      this.beat();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** So much time passes that each node says once more that it is there. */
  beat(): void {
    this.one.timers.advance(BEAT_INTERVAL_MS);
    this.two.timers.advance(BEAT_INTERVAL_MS);
  }

  async close(): Promise<void> {
    await Promise.all([this.one.close(), this.two.close()]);
  }
}
