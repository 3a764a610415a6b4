import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DtlsOrder } from '../../../server/transport/dtls-order.ts';

const CHANGE_CIPHER_SPEC = 20;
const ALERT = 21;
const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const HEARTBEAT = 24;

const CLIENT_HELLO = 1;
const CERTIFICATE = 11;
const SERVER_HELLO_DONE = 14;
const CERTIFICATE_VERIFY = 15;
const CLIENT_KEY_EXCHANGE = 16;

const MAX_MESSAGE_BYTES = 16_384;

interface Message {
  readonly type: number;
  readonly sequence: number;
  readonly body: Buffer;
}

function message(type: number, sequence: number, bytes: number): Message {
  const body = Buffer.from(Array.from({ length: bytes }, (_, at) => type * 16 + sequence + at * 7));
  return { type, sequence, body };
}

let sequenceNumber = 0;

/** A client's handshake as browsers make it, in sizes that browsers have. */
const FIRST_HELLO = message(CLIENT_HELLO, 0, 157);
const SECOND_HELLO = message(CLIENT_HELLO, 1, 177);
const FLIGHT = [
  message(CERTIFICATE, 2, 285),
  message(CLIENT_KEY_EXCHANGE, 3, 66),
  message(CERTIFICATE_VERIFY, 4, 75),
];
const FINISHED = record(HANDSHAKE, Buffer.from('finished'), 1);

function record(type: number, body: Buffer, epoch = 0): Buffer {
  const header = Buffer.from([type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUIntBE(sequenceNumber++, 5, 6);
  header.writeUInt16BE(body.length, 11);
  return Buffer.concat([header, body]);
}

function piece({ type, sequence, body }: Message, from = 0, to = body.length): Buffer {
  const header = Buffer.alloc(12);
  header[0] = type;
  header.writeUIntBE(body.length, 1, 3);
  header.writeUInt16BE(sequence, 4);
  header.writeUIntBE(from, 6, 3);
  header.writeUIntBE(to - from, 9, 3);
  return Buffer.concat([header, body.subarray(from, to)]);
}

function fragment(whole: Message, from?: number, to?: number): Buffer {
  return record(HANDSHAKE, piece(whole, from, to));
}

/** What is delivered; handshake messages by type and sequence, whose bodies must be right. */
function receiver() {
  const delivered: string[] = [];
  const sent = new Map<string, Buffer>();
  const order = new DtlsOrder((one) => {
    expect(one.readUInt16BE(11)).toBe(one.length - 13);
    if (one[0] !== HANDSHAKE || one.readUInt16BE(3) > 0) {
      delivered.push(one.toString('latin1', 13));
      return;
    }
    const name = `${one[13]}/${one.readUInt16BE(17)}`;
    expect(one.readUIntBE(14, 3)).toBe(one.readUIntBE(22, 3));
    expect(one.readUIntBE(19, 3)).toBe(0);
    const body = sent.get(name);
    if (body) expect(one.subarray(25)).toEqual(body);
    delivered.push(name);
  });
  const receive = (...datagrams: Buffer[]): void => {
    for (const datagram of datagrams) order.receive(datagram);
  };
  for (const { type, sequence, body } of [FIRST_HELLO, SECOND_HELLO, ...FLIGHT]) {
    sent.set(`${type}/${sequence}`, body);
  }
  return { order, delivered, receive };
}

/** Up to where the server waits for the client's last flight. */
function greeted() {
  const all = receiver();
  all.receive(fragment(FIRST_HELLO), fragment(SECOND_HELLO));
  all.delivered.length = 0;
  return all;
}

/** Up to the end of the handshake. */
function connected() {
  const all = greeted();
  all.receive(...FLIGHT.map((one) => fragment(one)), FINISHED);
  all.order.handleConnected();
  all.delivered.length = 0;
  return all;
}

/** A client's last flight: cut anywhere, repeated with other cuts, packed together, shuffled. */
const unrulyFlight = fc
  .array(fc.array(fc.array(fc.nat(284), { maxLength: 3 }), { minLength: 3, maxLength: 3 }), {
    minLength: 1,
    maxLength: 3,
  })
  .chain((transmissions) => {
    const pieces = transmissions.flatMap((cuts) => [
      FINISHED,
      ...FLIGHT.flatMap((whole, i) => {
        const inside = (cuts[i] ?? []).filter((cut) => cut < whole.body.length);
        const edges = [0, ...inside.sort((a, b) => a - b), whole.body.length];
        return edges.slice(1).map((to, at) => fragment(whole, edges[at], to));
      }),
    ]);
    const copies = fc.subarray(pieces);
    return copies.chain((extra) =>
      fc.shuffledSubarray([...pieces, ...extra], { minLength: pieces.length + extra.length }),
    );
  })
  .chain((records) =>
    fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }).map((sizes) => {
      const datagrams: Buffer[] = [];
      for (let at = 0, i = 0; at < records.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        datagrams.push(Buffer.concat(records.slice(at, at + size)));
        at += size;
      }
      return datagrams;
    }),
  );

describe('DtlsOrder', () => {
  it('delivers each message once, whole and in order, however the flight arrives', () => {
    fc.assert(
      fc.property(unrulyFlight, (datagrams) => {
        const { delivered, receive } = greeted();
        receive(...datagrams);
        const [first, second, third, ...finished] = delivered;
        expect([first, second, third]).toEqual(['11/2', '16/3', '15/4']);
        expect(finished.length).toBeGreaterThan(0);
        expect(new Set(finished)).toEqual(new Set(['finished']));
      }),
    );
  });

  it('delivers nothing that is behind a message still missing', () => {
    const { delivered, receive } = greeted();
    const [certificate, exchange, verification] = FLIGHT.map((one) => fragment(one));
    if (!certificate || !exchange || !verification) throw new Error('no flight');
    receive(verification, FINISHED, exchange);
    expect(delivered).toEqual([]);
    receive(certificate);
    expect(delivered).toEqual(['11/2', '16/3', '15/4', 'finished']);
  });

  it('passes Finished on as often as it comes, also once connected', () => {
    const { delivered, receive } = connected();
    receive(...FLIGHT.map((one) => fragment(one)), FINISHED, FINISHED);
    expect(delivered).toEqual(['finished', 'finished']);
  });

  it('repeats a hello while its answer is outstanding, and never later', () => {
    const { delivered, receive } = receiver();
    receive(fragment(FIRST_HELLO), fragment(FIRST_HELLO));
    receive(fragment(FIRST_HELLO, 0, 100), fragment(FIRST_HELLO, 50));
    expect(delivered).toEqual(['1/0', '1/0', '1/0']);
    receive(fragment(SECOND_HELLO), fragment(FIRST_HELLO), fragment(SECOND_HELLO));
    expect(delivered.slice(3)).toEqual(['1/1', '1/1']);
    receive(...FLIGHT.map((one) => fragment(one)));
    delivered.length = 0;
    receive(fragment(FIRST_HELLO), fragment(SECOND_HELLO), fragment(message(CLIENT_HELLO, 4, 9)));
    expect(delivered).toEqual([]);
  });

  it('keeps application data and alerts until the reader is ready', () => {
    const { order, delivered, receive } = greeted();
    receive(record(APPLICATION_DATA, Buffer.from('init'), 1));
    receive(...FLIGHT.map((one) => fragment(one)), FINISHED);
    receive(record(ALERT, Buffer.from('bye'), 1));
    expect(delivered).not.toContain('init');
    delivered.length = 0;
    order.handleConnected();
    expect(delivered).toEqual(['init', 'bye']);
    receive(record(APPLICATION_DATA, Buffer.from('next'), 1));
    expect(delivered.at(-1)).toBe('next');
  });

  it('serves a client: the server is done, then its Finished', () => {
    const { delivered, receive } = receiver();
    receive(FINISHED, fragment(message(SERVER_HELLO_DONE, 1, 0)), fragment(message(2, 0, 80)));
    expect(delivered).toEqual(['2/0', '14/1', 'finished']);
  });

  it('drops unprotected alerts, data, cipher changes and what it does not know', () => {
    for (const { delivered, receive } of [receiver(), greeted(), connected()]) {
      for (const type of [CHANGE_CIPHER_SPEC, ALERT, APPLICATION_DATA, HEARTBEAT, 63]) {
        receive(record(type, Buffer.from([1, 0])));
      }
      receive(record(HEARTBEAT, Buffer.from([1, 0]), 1), record(63, Buffer.from([1, 0]), 1));
      expect(delivered).toEqual([]);
    }
  });

  it('drops unprotected handshake messages once connected', () => {
    const { delivered, receive } = connected();
    receive(fragment(message(CLIENT_HELLO, 5, 20)), fragment(FIRST_HELLO));
    expect(delivered).toEqual([]);
  });

  it('ignores messages that are too long, too far ahead, or in contradiction to themselves', () => {
    const { delivered, receive } = greeted();
    const beyond = piece(message(CERTIFICATE, 2, 20));
    beyond.writeUIntBE(10, 6, 3);
    receive(record(HANDSHAKE, beyond));
    receive(fragment(message(CERTIFICATE, 2, MAX_MESSAGE_BYTES + 1), 0, 100));
    receive(fragment(message(CERTIFICATE, 2 + 8, 20)));
    expect(delivered).toEqual([]);
    receive(fragment(message(CERTIFICATE, 2, 285), 0, 10));
    receive(fragment(message(CERTIFICATE, 2, 286), 10));
    receive(fragment(message(CLIENT_KEY_EXCHANGE, 2, 285), 10));
    expect(delivered).toEqual([]);
    receive(fragment(message(CERTIFICATE, 2, 285), 10));
    expect(delivered).toEqual(['11/2']);
  });

  it('holds a bounded number of records, the earliest', () => {
    const { order, delivered, receive } = greeted();
    for (let i = 0; i < 100; i++) {
      receive(record(APPLICATION_DATA, Buffer.from(`data ${i}`), 1));
      receive(record(HANDSHAKE, Buffer.from(`finished ${i}`), 1));
    }
    receive(...FLIGHT.map((one) => fragment(one)));
    expect(delivered.slice(3)).toEqual(Array.from({ length: 32 }, (_, i) => `finished ${i}`));
    delivered.length = 0;
    order.handleConnected();
    expect(delivered).toEqual(Array.from({ length: 32 }, (_, i) => `data ${i}`));
  });

  it('survives any datagram, and the handshake after it', () => {
    const mangled = fc
      .tuple(
        fc.constantFrom(...FLIGHT.map((one) => fragment(one)), FINISHED),
        fc.array(fc.tuple(fc.nat(26), fc.nat(255))),
        fc.nat(60),
      )
      .map(([datagram, changes, cut]) => {
        const copy = Buffer.from(datagram);
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return copy.subarray(0, Math.max(0, copy.length - cut));
      });
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      mangled,
    );
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 40 }), (datagrams) => {
        const { order, receive } = receiver();
        expect(() => receive(...datagrams)).not.toThrow();
        order.handleConnected();
        expect(() => receive(...datagrams)).not.toThrow();
      }),
    );
  });
});
