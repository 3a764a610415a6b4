import type { Confidence, ProposedManifest } from '../../../protocol/build-report.ts';

/** What no engine has left a trace beside. */
export const PLAIN_PAGE = 'a page';

/** One way in which a build might be started. */
export interface Candidate {
  readonly runtime: ProposedManifest['runtime'];
  readonly entry: string;
  /** Such as "a Unity web build". */
  readonly kind: string;
  readonly confidence: Confidence;
  /** Sentences. */
  readonly reasons: readonly string[];
  /** As the engine has it; undefined where names must tell. */
  readonly title?: string | undefined;
  readonly arguments?: readonly string[];
  readonly packages?: readonly string[];
  /** Where its engine keeps saves, below the home folder. */
  readonly saves?: readonly string[];
  readonly questions?: readonly { readonly field: string; readonly question: string }[];
}

/** The surer first, then programs before pages, which may be manuals, then what lies further up. */
export function byConfidence(a: Candidate, b: Candidate): number {
  const order: readonly Confidence[] = ['certain', 'likely', 'guess'];
  const depth = ({ entry }: Candidate) => entry.split('/').length;
  return (
    order.indexOf(a.confidence) - order.indexOf(b.confidence) ||
    Number(a.kind === PLAIN_PAGE) - Number(b.kind === PLAIN_PAGE) ||
    depth(a) - depth(b) ||
    (a.entry < b.entry ? -1 : 1)
  );
}
