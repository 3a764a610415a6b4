import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { type DtlsSocket, isDtls, type RTCDtlsTransport, type RTCPeerConnection } from 'werift';
import { LoopbackSession } from './loopback-session.ts';

/** Where a datagram of the browser says what it is: the record's epoch and the message's type. */
const EPOCH_AT = 3;
const TYPE_AT = 13;
const CLIENT_HELLO = 1;
/** Of a second ClientHello: behind headers, version, random, empty session id and cookie of 20. */
const SECOND_SUITE_AT = 25 + 2 + 32 + 1 + 21 + 2 + 2;

type Role = 'client' | 'server';
type Fraud = (dtls: DtlsSocket) => void;

function transportOf(browser: RTCPeerConnection): RTCDtlsTransport {
  const [transport] = browser.dtlsTransports;
  if (!transport) throw new Error('the browser has no transport yet');
  return transport;
}

const strangersKey = (type: 'ec' | 'rsa'): KeyObject =>
  (type === 'ec'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 })
  ).privateKey;

/** Shows its certificate, and signs with a key that is not the certificate's. */
const signsWith = (type: 'ec' | 'rsa'): Fraud => {
  const key = strangersKey(type);
  const signature = (data: Buffer): Buffer => createSign('sha256').update(data).sign(key);
  return ({ cipher }) => {
    cipher.signatureData = signature;
    cipher.generateKeySignature = () => {
      const [client, server] =
        cipher.sessionType === 1
          ? [cipher.localRandom, cipher.remoteRandom]
          : [cipher.remoteRandom, cipher.localRandom];
      const { publicKey } = cipher.localKeyPair;
      const curve = Buffer.from([3, 0, cipher.namedCurve, publicKey.length]);
      return signature(Buffer.concat([client.serialize(), server.serialize(), curve, publicKey]));
    };
  };
};

const saysWrongFinished: Fraud = ({ cipher }) => {
  const verifyData = cipher.verifyData.bind(cipher);
  cipher.verifyData = (transcript) => verifyData(Buffer.concat([transcript, Buffer.of(0)]));
};

const saysFinishedInTheOpen: Fraud = ({ cipher }) => {
  cipher.encryptPacket = (packet) => {
    packet.recordLayerHeader.epoch = 0;
    return packet;
  };
};

const signsNothing: Fraud = ({ cipher }) => {
  cipher.signatureData = () => Buffer.alloc(70);
  cipher.generateKeySignature = () => Buffer.alloc(70);
};

/** Somebody on the path who changes what the browser sends. */
function changeSent(browser: RTCPeerConnection, change: (datagram: Buffer) => void): void {
  const { connection } = transportOf(browser).iceTransport;
  const send = connection.send.bind(connection);
  connection.send = (datagram) => {
    const copy = Buffer.from(datagram);
    if (isDtls(copy)) change(copy);
    return send(copy);
  };
}

describe('The authentication of a DTLS', () => {
  const sessions: LoopbackSession[] = [];
  afterEach(async () => {
    await Promise.all(sessions.splice(0).map((session) => session.close()));
  });

  function create(): LoopbackSession {
    const session = new LoopbackSession();
    sessions.push(session);
    return session;
  }

  /** @param role of the browser. */
  function asRole(session: LoopbackSession, role: Role, sdp: string): string {
    transportOf(session.browser).role = role;
    return sdp.replaceAll('a=setup:active', `a=setup:${role === 'client' ? 'active' : 'passive'}`);
  }

  async function connectWith(role: Role, fraud: Fraud): Promise<LoopbackSession> {
    const session = create();
    await session.connect((sdp) => {
      const transport = transportOf(session.browser);
      transport.onStateChange.subscribe((state) => {
        // werift makes its DTLS after it has told the state, in the same turn.
        if (state === 'connecting') queueMicrotask(() => transport.dtls && fraud(transport.dtls));
      });
      return asRole(session, role, sdp);
    });
    return session;
  }

  const states = ({ journal }: LoopbackSession): string[] =>
    journal.lines.filter((line) => line.startsWith('state'));

  async function expectRefusal(session: LoopbackSession): Promise<void> {
    await session.journal.until('state failed');
    // Nothing more comes in after that, whatever the far side says.
    await new Promise((resolve) => setImmediate(resolve));
    expect(states(session)).toEqual(['state failed']);
    expect(session.journal.lines).not.toContain('open control');
  }

  it.each(['client', 'server'] as const)('lets in a %s that holds its key', async (role) => {
    const session = create();
    await session.open((sdp) => asRole(session, role, sdp));
    expect(states(session)).toEqual(['state connected']);
  });

  describe.each(['client', 'server'] as const)('refuses a %s', (role) => {
    it.each([
      ['signs with another key than that of its certificate', signsWith('ec')],
      ['signs with a key of another kind', signsWith('rsa')],
      ['does not sign', signsNothing],
      ['has a wrong Finished', saysWrongFinished],
      ['says Finished without the keys', saysFinishedInTheOpen],
    ])('that %s', async (_, fraud) => {
      await expectRefusal(await connectWith(role, fraud));
    });

    it('whose certificate is not the one that signaling named', async () => {
      const session = create();
      await session.connect((sdp) =>
        asRole(session, role, sdp).replace(
          /(a=fingerprint:sha-256 )(..)/g,
          (_, name, byte) => `${name}${byte === '00' ? '01' : '00'}`,
        ),
      );
      await expectRefusal(session);
    });
  });

  it('refuses a handshake that was changed on its way', async () => {
    const session = create();
    let changed = 0;
    await session.connect((sdp) => {
      changeSent(session.browser, (datagram) => {
        const isHello = datagram.readUInt16BE(EPOCH_AT) === 0 && datagram[TYPE_AT] === CLIENT_HELLO;
        if (!isHello || datagram[25 + 35] !== 20) return;
        // One cipher suite fewer to choose from.
        datagram.writeUInt16BE(0, SECOND_SUITE_AT);
        changed++;
      });
      return asRole(session, 'client', sdp);
    });
    await expectRefusal(session);
    expect(changed).toBeGreaterThan(0);
  });
});
