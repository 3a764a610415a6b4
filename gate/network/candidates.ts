/** An IPv4 address and a UDP port. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Finds the address that stands in for another. */
export type MapAddress = (address: Address) => Promise<Address>;

/** RFC 8839 §5.1: foundation, component, transport, priority, address, port, "typ", type, more. */
const CANDIDATE = /^(candidate:\S+ \d+ )(\S+)( \d+ )(\S+) (\d+)( typ )(\S+)(.*)$/;
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
const SDP_PREFIX = 'a=';

function isCandidateLine(line: string): boolean {
  return line.startsWith('a=candidate:');
}

/**
 * @param candidate as trickled; empty at the end of candidates, which stays.
 * @returns undefined where it cannot go through a relay of UDP over IPv4 on this machine: TCP, IPv6,
 *   names of mDNS, and addresses that are not the peer's own.
 */
export async function rewriteCandidate(
  candidate: string,
  map: MapAddress,
): Promise<string | undefined> {
  if (candidate === '') return candidate;
  const parts = CANDIDATE.exec(candidate);
  if (!parts) return undefined;
  const [, head = '', transport = '', priority = '', host = '', port, typ = '', type, rest = ''] =
    parts;
  if (transport.toLowerCase() !== 'udp' || type !== 'host' || !IPV4.test(host)) return undefined;
  const mapped = await map({ host, port: Number(port) });
  return `${head}${transport}${priority}${mapped.host} ${mapped.port}${typ}${type}${rest}`;
}

/** Rewrites the candidate lines of a session description and takes out those that cannot go through. */
export async function rewriteSdp(sdp: string, map: MapAddress): Promise<string> {
  const lines: string[] = [];
  for (const line of sdp.split('\r\n')) {
    if (!isCandidateLine(line)) {
      lines.push(line);
      continue;
    }
    const rewritten = await rewriteCandidate(line.slice(SDP_PREFIX.length), map);
    if (rewritten !== undefined) lines.push(SDP_PREFIX + rewritten);
  }
  return lines.join('\r\n');
}

/** The description without any candidate: who gets it learns the address from the first check. */
export function withoutCandidates(sdp: string): string {
  return sdp
    .split('\r\n')
    .filter((line) => !isCandidateLine(line))
    .join('\r\n');
}

/** Asks once for each address, as a bundle names the same one in each of its sections. */
export function askedOnce(map: MapAddress): MapAddress {
  const known = new Map<string, Promise<Address>>();
  return (address) => {
    const key = `${address.host}:${address.port}`;
    const mapped = known.get(key) ?? map(address);
    known.set(key, mapped);
    return mapped;
  };
}
