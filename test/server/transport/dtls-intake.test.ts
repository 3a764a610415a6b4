import { afterEach, describe, expect, it } from 'vitest';
import { isDtls, type RTCPeerConnection } from 'werift';
import { SeededRandom } from '../../../gate/network/seeded-random.ts';
import { LoopbackSession } from './loopback-session.ts';

const ALERT = 21;
const HANDSHAKE = 22;
const CLOSE_NOTIFY = Buffer.from([1, 0]);

function transportOf(browser: RTCPeerConnection) {
  const [transport] = browser.dtlsTransports;
  if (!transport) throw new Error('the browser has no transport yet');
  return transport;
}

/**
 * A network from the browser to the worker that delivers what is sent in one turn in any order, some
 * of it twice, and with it something from before.
 */
function shuffleDtls(browser: RTCPeerConnection, random: SeededRandom): void {
  const { connection } = transportOf(browser).iceTransport;
  const send = connection.send.bind(connection);
  const past: Buffer[] = [];
  let batch: Buffer[] = [];
  const pick = (from: Buffer[]): Buffer[] =>
    from.splice(Math.floor(random.next() * from.length), 1);
  const deliver = async (): Promise<void> => {
    const sent = batch;
    batch = [];
    const copies = sent.filter(() => random.next() < 0.3);
    const late = past.filter(() => random.next() < 0.3);
    past.push(...sent);
    const waiting = [...sent, ...copies, ...late];
    while (waiting.length > 0) for (const datagram of pick(waiting)) await send(datagram);
  };
  connection.send = async (datagram) => {
    if (!isDtls(datagram)) return send(datagram);
    if (batch.length === 0) setImmediate(deliver);
    batch.push(Buffer.from(datagram));
  };
}

/** Loses what the worker sends under its new keys until it says Finished a second time. */
function loseLastFlight(browser: RTCPeerConnection, handleLoss: () => void): void {
  const { onData } = transportOf(browser).iceTransport.connection;
  const execute = onData.execute.bind(onData);
  let finished = 0;
  onData.execute = (datagram) => {
    const types = isDtls(datagram) ? protectedTypes(datagram) : [];
    if (types.includes(HANDSHAKE)) finished++;
    if (types.length > 0 && finished < 2) handleLoss();
    else execute(datagram);
  };
}

/** Types of those records of a datagram that are under keys. */
function protectedTypes(datagram: Buffer): number[] {
  const types: number[] = [];
  for (let at = 0; at + 13 <= datagram.length; at += 13 + datagram.readUInt16BE(at + 11)) {
    if (datagram.readUInt16BE(at + 3) > 0) types.push(datagram.readUInt8(at));
  }
  return types;
}

/** One alert from the browser, sealed with its key or merely marked as such. */
async function sendAlert(browser: RTCPeerConnection, isSealed: boolean): Promise<void> {
  const { dtls, iceTransport } = transportOf(browser);
  if (!dtls) throw new Error('the browser has no DTLS yet');
  const header = { type: ALERT, version: 0xfefd, epoch: 1, sequenceNumber: 0x1000 };
  const sealed = dtls.cipher.cipher.encrypt(dtls.sessionType, CLOSE_NOTIFY, header);
  const body = isSealed ? sealed : CLOSE_NOTIFY;
  const record = Buffer.alloc(13);
  record[0] = header.type;
  record.writeUInt16BE(header.version, 1);
  record.writeUInt16BE(header.epoch, 3);
  record.writeUIntBE(header.sequenceNumber, 5, 6);
  record.writeUInt16BE(body.length, 11);
  await iceTransport.connection.send(Buffer.concat([record, body]));
}

describe('The DTLS of a peer', () => {
  const sessions: LoopbackSession[] = [];
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
  });

  function create(): LoopbackSession {
    const session = new LoopbackSession();
    sessions.push(session);
    return session;
  }

  it.each([
    ['active', 'server'],
    ['passive', 'client'],
  ])('comes up, answered %s, over a network that reorders and repeats', async (setup, role) => {
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const outcomes = seeds.map(async (seed) => {
      const session = create();
      await session.open((sdp) => {
        shuffleDtls(session.browser, new SeededRandom(seed));
        // The browser's, as it would have chosen it with that answer.
        transportOf(session.browser).role = role === 'server' ? 'client' : 'server';
        return sdp.replaceAll('a=setup:active', `a=setup:${setup}`);
      });
      session.channels.get('control')?.send('again');
      await session.journal.until('control again');
      return session.journal.lines.filter((line) => line.startsWith('state'));
    });
    for (const states of await Promise.all(outcomes)) expect(states).toEqual(['state connected']);
  });

  it('says its last flight again to a browser that has missed it', async () => {
    const session = create();
    let lost = 0;
    await session.connect((sdp) => {
      loseLastFlight(session.browser, () => lost++);
      return sdp;
    });
    const { onStateChange } = transportOf(session.browser);
    await onStateChange.watch((state) => state === 'connected');
    expect(lost).toBeGreaterThan(0);
    expect(session.journal.count('state connected')).toBe(1);
  });

  it('ends with an alert of the browser, and not with a forged one', async () => {
    const session = create();
    const { browser, channels, journal } = session;
    await session.open();
    await sendAlert(browser, false);
    channels.get('control')?.send('still here');
    await journal.until('control still here');
    expect(journal.lines).not.toContain('state closed');
    await sendAlert(browser, true);
    await journal.until('state closed');
  });
});
