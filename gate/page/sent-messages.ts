/** Tells of every binary message that the page sends on a data channel from now on, before it is sent. */
export function followSentMessages(handle: (label: string, data: Uint8Array) => void): void {
  const send: (this: RTCDataChannel, data: ArrayBufferView<ArrayBuffer>) => void =
    RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown) {
    if (data instanceof Uint8Array) handle(this.label, data);
    send.call(this, data as ArrayBufferView<ArrayBuffer>);
  };
}
