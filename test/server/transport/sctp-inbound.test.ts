import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RTCPeerConnection } from 'werift';
import {
  type DataChunk,
  InboundMessages,
  reassembleInbound,
} from '../../../server/transport/sctp-inbound.ts';

const LAST = 1;
const FIRST = 2;
const UNORDERED = 4;

function chunk(tsn: number, streamSeqNum: number, text: string, flags = FIRST | LAST): DataChunk {
  return { flags, tsn, streamId: 3, streamSeqNum, protocol: 53, userData: Buffer.from(text) };
}

function pop(stream: InboundMessages): string[] {
  return [...stream.popMessages()].map(([, , data]) => data.toString());
}

describe('InboundMessages', () => {
  it('hands on at once everything that a late message held back', () => {
    const stream = new InboundMessages();
    // Between them, chunks of other streams.
    for (const [tsn, seq] of [
      [12, 1],
      [15, 2],
      [19, 3],
    ] as const) {
      stream.addChunk(chunk(tsn, seq, String(seq)));
      expect(pop(stream)).toEqual([]);
    }
    stream.addChunk(chunk(10, 0, '0'));
    expect(pop(stream)).toEqual(['0', '1', '2', '3']);
  });

  it('keeps whole messages that wait their turn when others are given up', () => {
    const stream = new InboundMessages();
    stream.addChunk(chunk(12, 1, 'kept'));
    expect(stream.pruneChunks(14)).toBe(0);
    stream.addChunk(chunk(10, 0, 'late'));
    expect(pop(stream)).toEqual(['late', 'kept']);
  });

  it('forgets fragments of messages that were given up', () => {
    const stream = new InboundMessages();
    stream.addChunk(chunk(5, 0, 'begin', FIRST | UNORDERED));
    stream.addChunk(chunk(7, 0, 'end', LAST | UNORDERED));
    stream.addChunk(chunk(8, 0, 'whole', FIRST | LAST | UNORDERED));
    expect(stream.pruneChunks(7)).toBe(8);
    expect(pop(stream)).toEqual(['whole']);
    stream.addChunk(chunk(6, 0, 'middle', UNORDERED));
    expect(pop(stream)).toEqual([]);
  });

  it('goes on after ordered messages that were given up', () => {
    const stream = new InboundMessages();
    stream.addChunk(chunk(12, 2, 'after'));
    stream.streamSequenceNumber = 2;
    expect(pop(stream)).toEqual(['after']);
  });

  it('delivers everything once and in order, whatever order and fragments it came in', () => {
    const message = fc.record({ fragments: fc.integer({ min: 1, max: 4 }), gap: fc.nat(3) });
    const setup = fc.record({
      messages: fc.array(message, { minLength: 1, maxLength: 12 }),
      firstTsn: fc.constantFrom(1, 2 ** 32 - 5, 2 ** 31 - 3),
      firstSeq: fc.constantFrom(0, 65_534),
      order: fc.infiniteStream(fc.nat()),
    });
    fc.assert(
      fc.property(setup, ({ messages, firstTsn, firstSeq, order }) => {
        let tsn = firstTsn;
        const chunks = messages.flatMap(({ fragments, gap }, index) => {
          tsn += gap;
          return Array.from({ length: fragments }, (_, part) => {
            const flags = (part === 0 ? FIRST : 0) | (part === fragments - 1 ? LAST : 0);
            return chunk(tsn++ >>> 0, (firstSeq + index) & 0xffff, `${index}.`, flags);
          });
        });
        const stream = new InboundMessages();
        stream.streamSequenceNumber = firstSeq;
        const received: string[] = [];
        while (chunks.length > 0) {
          const [next] = chunks.splice((order.next().value ?? 0) % chunks.length, 1);
          if (next) stream.addChunk(next);
          received.push(...pop(stream));
        }
        expect(received).toEqual(messages.map((m, index) => `${index}.`.repeat(m.fragments)));
      }),
    );
  });

  it('takes the place of the reassembly of an association', async () => {
    const connection = new RTCPeerConnection({ iceServers: [] });
    connection.createDataChannel('input');
    const { sctpTransport } = connection;
    if (!sctpTransport) throw new Error('no SCTP');
    reassembleInbound(sctpTransport);
    const { sctp } = sctpTransport;
    const received: string[] = [];
    sctp.onReceive.subscribe((_stream, _protocol, data) => {
      received.push(data.toString());
    });
    const receive = (one: DataChunk) =>
      Reflect.apply(Reflect.get(sctp, 'receiveDataChunk'), sctp, [one]);
    Reflect.set(sctp, 'lastReceivedTsn', 9);
    receive(chunk(12, 1, 'second'));
    receive(chunk(11, 0, 'motion', FIRST | LAST | UNORDERED));
    receive(chunk(10, 0, 'first'));
    expect(received).toEqual(['motion', 'first', 'second']);
    await connection.close();
  });
});
