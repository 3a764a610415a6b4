import { isIP } from 'node:net';

/*
 * Session descriptions as text: what werift cannot say or would trip over is put in or taken out
 * on the way (RFC 8866, RFC 8829).
 */

/** One side's ICE credentials and candidates (RFC 8839 §5.1, §5.4). */
export interface IceDescription {
  readonly ufrag: string;
  readonly password: string;
  /** Values of `a=candidate`, from the foundation on. */
  readonly candidates: readonly string[];
}

const CANDIDATE = 'a=candidate:';
const END_OF_CANDIDATES = 'a=end-of-candidates';

/** Lengths as in RFC 8839 §5.4. */
const UFRAG = /^a=ice-ufrag:(\S{4,256})$/;
const PASSWORD = /^a=ice-pwd:(\S{22,256})$/;

/** Port 0 refuses a media section (RFC 3264 §6). */
const REFUSED = /^m=(?!video)\w+ 0 /;

/** @returns the lines of the session level, then those of each media section. */
function sectionsOf(sdp: string): string[][] {
  const sections: string[][] = [[]];
  for (const line of sdp.split(/\r?\n/)) {
    if (line.startsWith('m=')) sections.push([]);
    if (line !== '') sections.at(-1)?.push(line);
  }
  return sections;
}

function textOf(sections: readonly (readonly string[])[]): string {
  return `${sections.flat().join('\r\n')}\r\n`;
}

/**
 * Whether a candidate's address is a name. A browser hides its address behind one that only its own
 * network resolves (RFC 8828 §5.2); any other would send us looking up whatever it likes.
 */
export function isNamed(candidate: string): boolean {
  const address = candidate.split(' ')[4];
  return address !== undefined && isIP(address) === 0;
}

function isNamedLine(line: string): boolean {
  return line.startsWith(CANDIDATE) && isNamed(line);
}

/** Tells of the SSRC that repair packets have (draft-ietf-payload-flexible-fec-scheme-03 §5.1). */
export function withRepairStream(offer: string, mediaSsrc: number, fecSsrc: number): string {
  const cname = new RegExp(`^a=ssrc:${mediaSsrc} (cname:.*)$`);
  const sections = sectionsOf(offer).map((lines) =>
    lines.flatMap((line) => {
      const [, name] = cname.exec(line) ?? [];
      if (name === undefined) return [line];
      const group = `a=ssrc-group:FEC-FR ${mediaSsrc} ${fecSsrc}`;
      return [group, line, `a=ssrc:${fecSsrc} ${name}`];
    }),
  );
  return textOf(sections);
}

/**
 * The same offer with other ICE credentials, which restarts ICE and nothing else (RFC 8839 §4.4.1).
 * @param version of the session description, larger than any before (RFC 8866 §5.2).
 * @param complete whether there will be no further candidates.
 */
export function withIce(
  offer: string,
  ice: IceDescription,
  version: number,
  complete: boolean,
): string {
  const candidates = ice.candidates.map((candidate) => `${CANDIDATE}${candidate}`);
  if (complete) candidates.push(END_OF_CANDIDATES);
  const sections = sectionsOf(offer).map((lines, index) => [
    ...lines
      .filter((line) => !line.startsWith(CANDIDATE) && line !== END_OF_CANDIDATES)
      .map((line) => {
        if (line.startsWith('a=ice-ufrag:')) return `a=ice-ufrag:${ice.ufrag}`;
        if (line.startsWith('a=ice-pwd:')) return `a=ice-pwd:${ice.password}`;
        return line.replace(/^(o=\S+ \S+) \d+ /, `$1 ${version} `);
      }),
    // All sections are one bundle, whose candidates belong to its first (RFC 8843 §7.1.2).
    ...(index === 1 ? candidates : []),
  ]);
  return textOf(sections);
}

/**
 * The answer as werift can take it: without candidates that are names, which it would look up for
 * ten seconds each; without the end of candidates, after which it gives up although the browser's
 * checks still make its address known; and without refused sections other than the picture's.
 */
export function digestible(answer: string): string {
  const sections = sectionsOf(answer)
    .filter(([first]) => !REFUSED.test(first ?? ''))
    .map((lines) => lines.filter((line) => line !== END_OF_CANDIDATES && !isNamedLine(line)));
  return textOf(sections);
}

/** @returns undefined where there are no credentials as they have to be. */
export function iceOf(answer: string): IceDescription | undefined {
  const lines = sectionsOf(answer).flat();
  const first = (pattern: RegExp): string | undefined => {
    for (const line of lines) {
      const [, value] = pattern.exec(line) ?? [];
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const ufrag = first(UFRAG);
  const password = first(PASSWORD);
  if (ufrag === undefined || password === undefined) return undefined;
  const candidates = lines
    .filter((line) => line.startsWith(CANDIDATE) && !isNamed(line))
    .map((line) => line.slice(CANDIDATE.length));
  return { ufrag, password, candidates };
}
