import { afterEach, describe, expect, it } from 'vitest';
import { type DtlsSocket, Event, RTCPeerConnection } from 'werift';
import { hastenSctp } from '../../../server/transport/sctp-start.ts';

const CHUNK_TYPE_AT = 12;
const DATA = 0;
const INIT = 1;
const SCTP_PORT = 5000;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function packet(chunkType: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes[CHUNK_TYPE_AT] = chunkType;
  return bytes;
}

describe('SCTP of the worker', () => {
  const connections: RTCPeerConnection[] = [];
  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.close()));
  });

  /** werift's own SCTP over a DTLS that is played here. */
  function create() {
    const connection = new RTCPeerConnection({ iceServers: [] });
    connections.push(connection);
    connection.createDataChannel('input');
    const { sctpTransport } = connection;
    if (!sctpTransport) throw new Error('no SCTP');
    const { dtlsTransport, sctp } = sctpTransport;
    const onData = new Event<[Buffer]>();
    const sent: Buffer[] = [];
    dtlsTransport.dtls = { onData } as unknown as DtlsSocket;
    Object.assign(dtlsTransport, { sendData: async (one: Buffer) => sent.push(one) });
    hastenSctp(dtlsTransport, sctpTransport);
    sctp.isServer = false;
    const receive = async (one: Buffer): Promise<void> => {
      onData.execute(one);
      await turn();
    };
    const connect = async (): Promise<void> => {
      dtlsTransport.onStateChange.execute('connected');
      await sctp.start(SCTP_PORT);
      await turn();
    };
    return { sctp, sent, receive, connect };
  }

  it('repeats its INIT, the same, for each one of the browser that finds it waiting', async () => {
    const { sent, receive, connect } = create();
    await connect();
    expect(sent.map((one) => one[CHUNK_TYPE_AT])).toEqual([INIT]);
    await receive(packet(INIT));
    await receive(packet(INIT));
    expect(sent).toHaveLength(3);
    expect(sent[1]).toEqual(sent[0]);
    expect(sent[2]).toEqual(sent[0]);
  });

  it('takes the first of two answers to a repeated INIT', async () => {
    const { sctp, sent, connect } = create();
    await connect();
    const answer = {
      type: 2,
      initiateTag: 7,
      advertisedRwnd: 100_000,
      initialTsn: 1,
      outboundStreams: 4,
      inboundStreams: 4,
      params: [],
    };
    const receive = () => Reflect.apply(Reflect.get(sctp, 'receiveChunk'), sctp, [answer]);
    await Promise.all([receive(), receive()]);
    const COOKIE_ECHO = 10;
    expect(sent.map((one) => one[CHUNK_TYPE_AT])).toEqual([INIT, COOKIE_ECHO]);
  });

  it('survives packets that are none', async () => {
    const { sctp, connect } = create();
    await connect();
    const handle = (bytes: Buffer) => Reflect.apply(Reflect.get(sctp, 'handleData'), sctp, [bytes]);
    await expect(handle(Buffer.alloc(3))).resolves.toBeUndefined();
    await expect(handle(Buffer.alloc(64, 0xff))).resolves.toBeUndefined();
  });

  it('says nothing to other packets, or once its INIT is answered', async () => {
    const { sctp, sent, receive, connect } = create();
    await connect();
    await receive(packet(DATA));
    await receive(Buffer.alloc(3));
    for (const state of [sctp.associationState + 1, sctp.associationState + 2]) {
      sctp.associationState = state;
      await receive(packet(INIT));
    }
    expect(sent).toHaveLength(1);
  });
});
