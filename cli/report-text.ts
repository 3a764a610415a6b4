import { MANIFEST_FILE } from '../protocol/build-manifest.ts';
import type { BuildReport, ManifestProposal } from '../protocol/build-report.ts';

const CONFIDENCE: Readonly<Record<ManifestProposal['confidence'], string>> = {
  certain: 'This is',
  likely: 'This is probably',
  guess: 'This may be',
};

/**
 * A report for a terminal.
 * @returns what was found, and what is wrong; either may be empty.
 */
export function renderReport(
  report: BuildReport,
  where: string,
): { readonly found: string; readonly wrong: string } {
  const { manifest, proposal, problems, notes } = report;
  const lines: string[] = [];
  if (manifest && problems.length === 0) {
    const { width, height } = manifest.resolution;
    lines.push(
      `${manifest.title} is fine: ${manifest.runtime}, ${width} × ${height}, ${where}`,
      `  ${sizeOf(report)}`,
    );
  }
  for (const note of notes) lines.push(`  Note: ${note}`);
  if (proposal) lines.push(...proposalLines(proposal, report, where));
  return { found: lines.join('\n'), wrong: problemLines(report, where).join('\n') };
}

function problemLines({ problems, proposal }: BuildReport, where: string): string[] {
  if (problems.length === 0) {
    return proposal
      ? [`There is no ${MANIFEST_FILE} in ${where}. With --write the one proposed is written.`]
      : [];
  }
  const count = problems.length === 1 ? 'a problem' : 'problems';
  return [
    `${where} has ${count}:`,
    ...problems.map(({ what, remedy }) => `  ${what}${remedy === '' ? '' : ` ${remedy}`}`),
  ];
}

function proposalLines(proposal: ManifestProposal, report: BuildReport, where: string): string[] {
  const { kind, confidence, reasons, alternatives, manifest, questions } = proposal;
  return [
    `${CONFIDENCE[confidence]} ${kind}: ${where}`,
    `  ${sizeOf(report)}`,
    ...reasons.map((reason) => `  ${reason}`),
    '',
    `Proposed ${MANIFEST_FILE}:`,
    JSON.stringify(manifest, undefined, 2),
    ...section(
      'It might also be:',
      alternatives.map(({ entry, reason }) => `${entry}: ${reason}`),
    ),
    ...section(
      'What no file says:',
      questions.map(({ field, question }) => `${field}: ${question}`),
    ),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function sizeOf({ files, bytes }: BuildReport): string {
  const count = files === 1 ? '1 file' : `${files} files`;
  const mib = bytes / 2 ** 20;
  if (mib >= 1024) return `${count}, ${(mib / 1024).toFixed(1)} GiB`;
  if (mib >= 1) return `${count}, ${mib.toFixed(1)} MiB`;
  return `${count}, ${Math.ceil(bytes / 1024)} KiB`;
}
