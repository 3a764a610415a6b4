import {
  type Address,
  askedOnce,
  type MapAddress,
  rewriteCandidate,
  rewriteSdp,
  withoutCandidates,
} from '../network/candidates.ts';

/*
 * Puts the relay between this page and whoever it connects to, whatever the page's own code does.
 * The far side's candidates are replaced by the relay's addresses, and this side's are kept from the
 * page: the far side learns of it from checks that come through the relay (peer-reflexive, RFC 8445
 * §7.3.1.3), so that no pair of addresses exists that does not lead through it.
 */

declare global {
  interface Window {
    /** Exposed by who opened the page: opens a path of the relay to an address and tells its own end. */
    openRelayPath?: (host: string, port: number) => Promise<Address>;
  }
}

const openPath: MapAddress = async ({ host, port }) => {
  if (!window.openRelayPath) throw new Error('Nobody has exposed openRelayPath.');
  return window.openRelayPath(host, port);
};

function withheld(description: RTCSessionDescription | null): RTCSessionDescription | null {
  if (!description) return null;
  const { type, sdp } = description;
  return new RTCSessionDescription({ type, sdp: withoutCandidates(sdp) });
}

window.RTCPeerConnection = class extends RTCPeerConnection {
  /** A description begins a generation of candidates: a relay path serves one address of one. */
  #map = askedOnce(openPath);
  /** What was asked of the connection before has reached it. */
  #reached: Promise<unknown> = Promise.resolve();

  constructor(...args: ConstructorParameters<typeof RTCPeerConnection>) {
    super(...args);
    // The first listener of all: what it stops, nobody hears.
    this.addEventListener('icecandidate', (event) => {
      if (event.candidate?.candidate) event.stopImmediatePropagation();
    });
  }

  override get localDescription(): RTCSessionDescription | null {
    return withheld(super.localDescription);
  }

  override get currentLocalDescription(): RTCSessionDescription | null {
    return withheld(super.currentLocalDescription);
  }

  override get pendingLocalDescription(): RTCSessionDescription | null {
    return withheld(super.pendingLocalDescription);
  }

  override setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    return this.#inOrder(async () => {
      this.#map = askedOnce(openPath);
      const sdp = await rewriteSdp(description.sdp ?? '', this.#map);
      await super.setRemoteDescription({ type: description.type, sdp });
    });
  }

  override addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
    return this.#inOrder(async () => {
      const rewritten = await rewriteCandidate(candidate?.candidate ?? '', this.#map);
      if (rewritten === undefined) return;
      await super.addIceCandidate(
        candidate ? { ...asInit(candidate), candidate: rewritten } : null,
      );
    });
  }

  /** Opening a path takes a while: what was asked for later must not overtake. */
  #inOrder<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#reached.then(task);
    this.#reached = done.catch(() => undefined);
    return done;
  }
};

/** Members of an `RTCIceCandidate` are its prototype's, which a spread does not see. */
function asInit(candidate: RTCIceCandidateInit): RTCIceCandidateInit {
  const { sdpMid = null, sdpMLineIndex = null, usernameFragment = null } = candidate;
  return { sdpMid, sdpMLineIndex, usernameFragment };
}
