const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** UDP sockets of this process; what was closed is gone a few turns of the event loop later. */
export async function countUdpSockets(): Promise<number> {
  for (let i = 0; i < 4; i++) await turn();
  return process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;
}
