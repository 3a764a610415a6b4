import { describe, expect, it } from 'vitest';
import { ConsoleRequests } from '../../../client/pages/console-requests.ts';
import { MachineWatch } from '../../../client/pages/console-watch.ts';
import type { MachineReport } from '../../../protocol/console-report.ts';
import { RockpoolError } from '../../../protocol/errors.ts';
import { machineReport, runningPlay } from '../../support/machine-reports.ts';

/** A server whose answers a test sets, by method and path. */
class FakeServer {
  readonly asked: string[] = [];
  readonly authorizations = new Set<string | null>();
  answers: Record<string, unknown> = {};

  readonly fetch = async (address: string, init: RequestInit): Promise<Response> => {
    const name = `${init.method} ${address.replace('/api/console', '')}`;
    this.asked.push(name);
    this.authorizations.add(new Headers(init.headers).get('authorization'));
    const answer = this.answers[name];
    if (answer === undefined) throw new TypeError('Failed to fetch');
    if (answer instanceof RockpoolError) return Response.json(answer.toWire(), { status: 400 });
    return Response.json(answer);
  };

  watch(): MachineWatch {
    return new MachineWatch(new ConsoleRequests(this.fetch, 'a-token'));
  }

  set report(report: MachineReport | RockpoolError) {
    this.answers['GET /machine'] = report;
  }
}

describe('a watched machine', () => {
  it('is asked with its own token, and shown as the server tells it', async () => {
    const server = new FakeServer();
    server.report = machineReport();
    const watch = server.watch();
    expect(watch.state.value).toEqual({ name: 'loading' });
    await watch.refresh();
    expect(watch.state.value).toEqual({ name: 'ready', report: machineReport(), stale: false });
    expect([...server.authorizations]).toEqual(['Bearer a-token']);
  });

  it('keeps what it knew while the server does not answer, and says so', async () => {
    const server = new FakeServer();
    const watch = server.watch();
    await watch.refresh();
    expect(watch.state.value).toEqual({
      name: 'failed',
      message: 'The server could not be reached.',
    });
    server.report = machineReport();
    await watch.refresh();
    server.answers = {};
    await watch.refresh();
    expect(watch.state.value).toMatchObject({ name: 'ready', stale: true });
  });

  it('does not ask again with a link that was refused', async () => {
    const server = new FakeServer();
    server.report = new RockpoolError('unauthorised', 'This console link has expired.');
    const watch = server.watch();
    await watch.refresh();
    await watch.refresh();
    expect(watch.state.value).toEqual({
      name: 'refused',
      message: 'This console link has expired.',
    });
    expect(server.asked).toHaveLength(1);
  });

  it('tells an unknown machine from a server that is away', async () => {
    const server = new FakeServer();
    server.report = new RockpoolError('container-lost', 'Not known.');
    const watch = server.watch();
    await watch.refresh();
    expect(watch.state.value).toEqual({ name: 'unknown', message: 'Not known.' });
  });

  it('takes no answer that it does not understand', async () => {
    const server = new FakeServer();
    server.answers['GET /machine'] = { containerId: 'nobody' };
    const watch = server.watch();
    await watch.refresh();
    expect(watch.state.value.name).toBe('failed');
  });

  it('is drained and shown anew at once', async () => {
    const server = new FakeServer();
    server.report = machineReport();
    server.answers['POST /machine/drain'] = {};
    const watch = server.watch();
    await watch.command('drain');
    expect(server.asked).toEqual(['POST /machine/drain', 'GET /machine']);
    expect(watch.problem.value).toBeUndefined();
    expect(watch.commanding.value).toBe(false);
  });

  it('says why a command was not carried out, until one is', async () => {
    const server = new FakeServer();
    server.report = machineReport();
    server.answers['POST /machine/resume'] = new RockpoolError('no-free-slot', 'It was stopped.');
    const watch = server.watch();
    await watch.command('resume');
    expect(watch.problem.value).toBe('It was stopped.');
    server.answers['POST /machine/resume'] = {};
    await watch.command('resume');
    expect(watch.problem.value).toBeUndefined();
  });

  it('reads its history anew as soon as a game has begun or ended, where somebody looks', async () => {
    const server = new FakeServer();
    server.report = machineReport();
    server.answers['GET /machine/sessions'] = { sessions: [], nowMs: 1 };
    const watch = server.watch();
    const reads = () => server.asked.filter((name) => name.endsWith('sessions')).length;
    await watch.refresh();
    expect(reads()).toBe(0);
    await watch.refreshHistory();
    await watch.refresh();
    expect(reads()).toBe(1);
    server.report = machineReport({}, { running: [runningPlay()] });
    await watch.refresh();
    await watch.refresh();
    expect(reads()).toBe(2);
    expect(watch.history.value?.sessions).toEqual([]);
  });
});
