/** Tells of every connection that the page opens from now on, before the page has it. */
export function followConnections(handle: (connection: RTCPeerConnection) => void): void {
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args: ConstructorParameters<typeof RTCPeerConnection>) {
      super(...args);
      handle(this);
    }
  };
}
