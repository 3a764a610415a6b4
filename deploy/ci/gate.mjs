// The latency gate on a CI machine: installs what it lacks, builds, plays, and leaves every report
// in one folder whatever comes of it. Options are those of `rockpool bench`, and so is the exit code.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build, setUp } from '../../scripts/setup.mjs';
import { TO_GATE, TO_GATE_IN_FIREFOX } from '../../scripts/system-packages.mjs';

const reports = process.env.GATE_REPORTS || 'rockpool-bench';
mkdirSync(reports, { recursive: true });
const inFirefox = process.argv.some((word) => /^(--browser=)?firefox$/.test(word));
await setUp(inFirefox ? TO_GATE_IN_FIREFOX : TO_GATE);
build();
process.argv.splice(2, 0, 'bench');
process.argv.push('--json', join(reports, 'result.json'));
process.argv.push('--junit', join(reports, 'junit.xml'));
process.argv.push('--html', join(reports, 'report.html'));
process.argv.push('--markdown', join(reports, 'comment.md'));
await import('../../dist/cli/rockpool.js');
