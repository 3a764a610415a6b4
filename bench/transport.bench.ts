import { type ChildProcess, fork } from 'node:child_process';
import { on } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { figure, type Table } from '../gate/report/table.ts';
import { type Offerer, Receiver } from './baseline/receiver.ts';
import { fromTransportSchema, type TransportPhase } from './network/senders/transport-messages.ts';
import { publish } from './support/results.ts';
import { startBrowser } from './support/rig.ts';
import { runBench } from './support/run-bench.ts';
import { targetTable } from './support/target.ts';

/*
 * What the transport costs by itself: packetizing, pacing, congestion control, encryption and
 * sockets at 20 Mbit/s, in a process that does nothing else. A real browser receives and reports.
 */

const PROGRAM = fileURLToPath(new URL('./network/senders/transport-process.ts', import.meta.url));
const NETWORK_PROBE = new URL('./page/network-probe.ts', import.meta.url);
const CORE_PERCENT = 25;
const MIB = 2 ** 20;

function coreShare({ cpuMs, seconds }: TransportPhase): number {
  return cpuMs / 1000 / seconds;
}

function costTable(sending: TransportPhase, idle: TransportPhase): Table {
  const row = (what: string, unit: string, of: (phase: TransportPhase) => number) => [
    what,
    figure(of(sending), unit),
    figure(of(idle), unit),
  ];
  const perSecond = (of: (phase: TransportPhase) => number) => (phase: TransportPhase) =>
    of(phase) / phase.seconds;
  return {
    title: 'The transport with media and without',
    head: ['', 'sending', 'idle'],
    rows: [
      row('processor, of a core', '%', (phase) => 100 * coreShare(phase)),
      row(
        'RTP sent, headers included',
        'Mbit/s',
        perSecond(({ bytes }) => (bytes * 8) / 1e6),
      ),
      row(
        'packets',
        '/s',
        perSecond(({ packets }) => packets),
      ),
      row(
        'frames',
        '/s',
        perSecond(({ frames }) => frames),
      ),
      row(
        'frames kept back',
        '/s',
        perSecond(({ skippedFrames }) => skippedFrames),
      ),
      row(
        'transport-wide feedback',
        '/s',
        perSecond(({ feedback }) => feedback),
      ),
      row('processor a packet', 'µs', ({ cpuMs, packets }) => (cpuMs * 1000) / packets),
      row(
        'allocated in the heap',
        'MiB/s',
        perSecond(({ allocated }) => allocated.heap / MIB),
      ),
      row(
        'allocated in the heap, a packet',
        'B',
        ({ allocated, packets }) => allocated.heap / packets,
      ),
      row(
        'allocated in buffers, at least',
        'MiB/s',
        perSecond(({ allocated }) => allocated.external / MIB),
      ),
      row(
        'garbage collections',
        '/s',
        perSecond(({ collections }) => collections),
      ),
      row(
        'time in them',
        'ms/s',
        perSecond(({ collectingMs }) => collectingMs),
      ),
    ],
  };
}

await runBench(async (belongings) => {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '20' } } });
  const browser = await startBrowser(belongings);
  const receiver = await Receiver.open(browser, NETWORK_PROBE, belongings);
  const child: ChildProcess = fork(PROGRAM, { execArgv: ['--import', 'tsx'] });
  const kill = () => child.kill('SIGKILL');
  belongings.add({ close: kill, kill });
  const gone = new AbortController();
  child.once('exit', () => gone.abort(new Error('The transport process ended.')));
  const messages = on(child, 'message', { signal: gone.signal });
  const nextMessage = async () => fromTransportSchema.parse((await messages.next()).value[0]);
  const offerer: Offerer = {
    async offer() {
      const message = await nextMessage();
      if (message.type !== 'offer') throw new Error(`No offer, but ${message.type}.`);
      return message.sdp;
    },
    async accept(sdp) {
      child.send({ type: 'answer', sdp });
    },
  };
  const { sending, idle } = await receiver.watch(offerer, async () => {
    console.log(`Sending for ${values.seconds} s after a warm-up, then idle…`);
    child.send({ type: 'measure', seconds: Number(values.seconds) });
    const message = await nextMessage();
    if (message.type !== 'measured') throw new Error(`No measurement, but ${message.type}.`);
    return message;
  });
  kill();
  await publish('transport', {
    tables: [
      targetTable('Transport: targets', [
        {
          what: 'processor at 20 Mbit/s, of a core, less what the idle process takes',
          measured: 100 * (coreShare(sending) - coreShare(idle)),
          limit: CORE_PERCENT,
          unit: '%',
        },
      ]),
      costTable(sending, idle),
    ],
    notes: [
      'H.264 frames of 41.7 kB, 60 a second, encoded before and brought to their size by what decoders pass over; no sound. Chromium receives, acknowledges and decodes them.',
      'All threads of the process count, garbage collection included. Idle, it is connected and its frame timer runs on.',
      'Allocation is how memory grew between garbage collections; buffers outside the heap are let go at any time, so of these it is the least it can have been.',
    ],
    data: { sending, idle },
  });
});
