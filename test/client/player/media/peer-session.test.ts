import { afterEach, describe, expect, it, vi } from 'vitest';
import { PeerSession } from '../../../../client/player/media/peer-session.ts';
import { CHANNELS } from '../../../../protocol/channels.ts';
import { fakeEvent } from '../../../support/fake-page.ts';
import { settle } from '../../../support/fake-player-environment.ts';

class FakeChannel extends EventTarget {
  readonly label: string;
  readyState = 'connecting';
  binaryType = 'blob';
  readonly sent: unknown[] = [];

  constructor(label: string) {
    super();
    this.label = label;
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  open(): void {
    this.readyState = 'open';
    this.dispatchEvent(new Event('open'));
  }

  close(): void {
    this.readyState = 'closed';
    this.dispatchEvent(new Event('close'));
  }
}

const ANSWER =
  'v=0\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n' +
  'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n';

class FakeConnection extends EventTarget {
  connectionState = 'new';
  readonly calls: unknown[][] = [];
  iceConnectionState = 'new';
  refuseOffer: Error | undefined;
  refuseCandidate: Error | undefined;
  readonly receivers: object[] = [];
  #answered = true;

  async setRemoteDescription(description: { sdp: string }): Promise<void> {
    if (this.refuseOffer) throw this.refuseOffer;
    if (!this.#answered) throw new Error('the offer before has no answer');
    this.#answered = false;
    this.calls.push(['remote', description.sdp]);
  }
  async createAnswer(): Promise<object> {
    return { type: 'answer', sdp: ANSWER };
  }
  async setLocalDescription(description: { sdp: string }): Promise<void> {
    this.#answered = true;
    this.calls.push(['local', description.sdp]);
  }
  async addIceCandidate({ candidate }: { candidate: string }): Promise<void> {
    if (this.refuseCandidate) throw this.refuseCandidate;
    this.calls.push(['candidate', candidate]);
  }
  getReceivers(): object[] {
    return this.receivers;
  }
  close(): void {
    this.calls.push(['close']);
  }
  setIceState(state: string): void {
    this.iceConnectionState = state;
    this.dispatchEvent(new Event('iceconnectionstatechange'));
  }
  setState(state: string): void {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }
}

function setUp() {
  const connection = new FakeConnection();
  const heard: unknown[][] = [];
  const peer = new PeerSession(connection as unknown as RTCPeerConnection, {
    handleLocalSignal: (payload) => heard.push(['signal', payload]),
    handleReached: () => heard.push(['reached']),
    handleOpen: () => heard.push(['open']),
    handleMessage: (label, data) => heard.push(['message', label, data]),
    handleTrack: (track) => heard.push(['track', track.kind]),
    handleSilence: () => heard.push(['silence']),
    handleRecovered: () => heard.push(['recovered']),
    handleLost: () => heard.push(['lost']),
  });
  const channel = (label: string) => {
    const made = new FakeChannel(label);
    connection.dispatchEvent(fakeEvent('datachannel', { channel: made }));
    return made;
  };
  const openAll = () => {
    const channels = Object.keys(CHANNELS).map(channel);
    for (const made of channels) made.open();
    return new Map(channels.map((made) => [made.label, made]));
  };
  return { connection, heard, peer, channel, openAll };
}

const OFFER = { kind: 'description', description: { type: 'offer', sdp: 'offer' } } as const;
const candidate = (text: string) =>
  ({
    kind: 'candidate',
    candidate: { candidate: text, sdpMid: '0', sdpMLineIndex: 0 },
  }) as const;

afterEach(() => {
  vi.restoreAllMocks();
});

describe('PeerSession', () => {
  it('tells when a pair of addresses works, and nothing after it was closed', () => {
    const { connection, heard, peer } = setUp();
    connection.setIceState('checking');
    expect(heard).toEqual([]);
    connection.setIceState('connected');
    expect(heard).toEqual([['reached']]);
    peer.close();
    connection.setIceState('connected');
    expect(heard).toEqual([['reached']]);
  });

  it('answers an offer, in stereo, with whole keyframes, and then adds candidates that came before', async () => {
    const { peer, connection, heard } = setUp();
    peer.handleRemoteSignal(candidate('early'));
    peer.handleRemoteSignal(OFFER);
    await settle();
    peer.handleRemoteSignal(candidate('late'));
    await settle();
    const sdp = ANSWER.replace('useinbandfec=1', 'useinbandfec=1;stereo=1').replace(
      'packetization-mode=1',
      'packetization-mode=1;sps-pps-idr-in-keyframe=1',
    );
    expect(connection.calls).toEqual([
      ['remote', 'offer'],
      ['local', sdp],
      ['candidate', 'early'],
      ['candidate', 'late'],
    ]);
    expect(heard).toEqual([
      ['signal', { kind: 'description', description: { type: 'answer', sdp } }],
    ]);
  });

  it('answers each further offer, which restarts ICE, in turn', async () => {
    const { peer, connection, heard } = setUp();
    const offer = (sdp: string) =>
      ({ kind: 'description', description: { type: 'offer', sdp } }) as const;
    for (const sdp of ['first', 'second', 'third']) peer.handleRemoteSignal(offer(sdp));
    peer.handleRemoteSignal(candidate('early'));
    await settle();
    await settle();
    peer.handleRemoteSignal(candidate('new'));
    await settle();
    const taken = connection.calls.filter(([call]) => call !== 'local').map(([, what]) => what);
    expect(taken.filter((what) => what !== 'early')).toEqual(['first', 'second', 'third', 'new']);
    expect(heard.map(([what]) => what)).toEqual(['signal', 'signal', 'signal']);
  });

  it('outlives a candidate that it cannot use', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const { peer, connection, heard } = setUp();
    peer.handleRemoteSignal(OFFER);
    await settle();
    connection.refuseCandidate = new Error('of an earlier generation');
    peer.handleRemoteSignal(candidate('old'));
    await settle();
    expect(heard.map(([what]) => what)).toEqual(['signal']);
  });

  it('passes its own candidates on, but not the end of them', () => {
    const { connection, heard } = setUp();
    const own = { candidate: 'candidate:1', sdpMid: '0', sdpMLineIndex: 0 };
    connection.dispatchEvent(fakeEvent('icecandidate', { candidate: { ...own, foundation: '1' } }));
    connection.dispatchEvent(fakeEvent('icecandidate', { candidate: { ...own, candidate: '' } }));
    connection.dispatchEvent(fakeEvent('icecandidate', { candidate: null }));
    expect(heard).toEqual([['signal', { kind: 'candidate', candidate: own }]]);
  });

  it('is open when all four channels are, and not before', () => {
    const { channel, heard, peer } = setUp();
    const [first, ...rest] = Object.keys(CHANNELS).map(channel);
    for (const made of rest) made.open();
    expect(heard).toEqual([]);
    expect(peer.send('input', new Uint8Array(1))).toBe(false);
    first?.open();
    expect(heard).toEqual([['open']]);
  });

  it('sends and receives on the channel that is meant', () => {
    const { openAll, heard, peer } = setUp();
    const channels = openAll();
    expect(peer.send('control', '{}')).toBe(true);
    expect(channels.get('control')?.sent).toEqual(['{}']);
    expect(channels.get('frames')?.binaryType).toBe('arraybuffer');
    const data = new ArrayBuffer(3);
    channels.get('frames')?.dispatchEvent(fakeEvent('message', { data }));
    expect(heard.at(-1)).toEqual(['message', 'frames', data]);
  });

  it('closes a channel it does not know', () => {
    const { channel } = setUp();
    expect(channel('chat').readyState).toBe('closed');
    expect(channel('toString').readyState).toBe('closed');
  });

  it('wants no buffer of picture and sound', () => {
    const { connection, heard } = setUp();
    const receiver = { jitterBufferTarget: null, playoutDelayHint: null };
    connection.dispatchEvent(fakeEvent('track', { track: { kind: 'audio' }, receiver }));
    expect(receiver).toEqual({ jitterBufferTarget: 0, playoutDelayHint: 0 });
    const old = {};
    connection.dispatchEvent(fakeEvent('track', { track: { kind: 'video' }, receiver: old }));
    expect(old).toEqual({});
    expect(heard).toEqual([
      ['track', 'audio'],
      ['track', 'video'],
    ]);
  });

  it('says so again, in a way that the browser cannot take for nothing new', () => {
    const { connection, peer } = setUp();
    const wishes: unknown[] = [];
    const receiver = {
      get jitterBufferTarget() {
        return 0;
      },
      set jitterBufferTarget(wish: number | null) {
        wishes.push(wish);
      },
    };
    connection.receivers.push(receiver, {});
    peer.refreshPlayout();
    expect(wishes).toEqual([null, 0]);
    peer.close();
    peer.refreshPlayout();
    expect(wishes).toHaveLength(2);
  });

  it('tells silence and recovery', () => {
    const { connection, heard } = setUp();
    connection.setState('connected');
    connection.setState('disconnected');
    connection.setState('connected');
    expect(heard).toEqual([['silence'], ['recovered']]);
  });

  it.each([
    ['the connection fails', ({ connection }) => connection.setState('failed')],
    ['a channel closes', ({ openAll }) => openAll().get('motion')?.close()],
  ] satisfies [string, (parts: ReturnType<typeof setUp>) => unknown][])(
    'is lost, once, when %s',
    (_when, act) => {
      const parts = setUp();
      act(parts);
      parts.connection.setState('closed');
      expect(parts.heard.filter(([what]) => what === 'lost')).toHaveLength(1);
      expect(parts.connection.calls).toEqual([['close']]);
    },
  );

  it('is lost when the offer cannot be taken', async () => {
    vi.spyOn(console, 'error').mockReturnValue();
    const { connection, heard, peer } = setUp();
    connection.refuseOffer = new Error('no codec');
    peer.handleRemoteSignal(OFFER);
    await settle();
    expect(heard).toEqual([['lost']]);
  });

  it('says nothing more once closed', async () => {
    const { connection, heard, peer, openAll } = setUp();
    const channels = openAll();
    peer.handleRemoteSignal(OFFER);
    peer.close();
    peer.close();
    await settle();
    connection.setState('failed');
    for (const made of channels.values()) made.close();
    channels.get('frames')?.dispatchEvent(fakeEvent('message', { data: new ArrayBuffer(1) }));
    expect(heard).toEqual([['open']]);
    expect(connection.calls.filter(([call]) => call === 'close')).toHaveLength(1);
    expect(peer.send('control', '{}')).toBe(false);
  });
});
