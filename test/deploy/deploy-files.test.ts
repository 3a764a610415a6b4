import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { ENVIRONMENT_VARIABLES } from '../../protocol/environment.ts';
import { readContainerConfig } from '../../server/config.ts';
import { readSignalingConfig } from '../../signaling/config.ts';
import { SignalingFixture } from '../support/signaling-fixture.ts';

/** Nothing here runs a container: what the files say is held against the program. */

const DEPLOY = join(import.meta.dirname, '../../deploy');
const ROOT = join(DEPLOY, '..');
const KNOWN = new Set<string>(ENVIRONMENT_VARIABLES);

const read = (name: string) => readFileSync(join(DEPLOY, name), 'utf8');

const envSchema = z.record(z.string(), z.string());

/** Values as compose would put them in from example.env. */
function withExamples(text: string): string {
  const examples = new Map(
    read('example.env')
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line))
      .map((line): [string, string] => {
        const at = line.indexOf('=');
        return [line.slice(0, at), line.slice(at + 1)];
      }),
  );
  return text.replace(/\$\{(\w+):\?\}/g, (_, name: string) => {
    const value = examples.get(name);
    if (value === undefined) throw new Error(`example.env has no ${name}`);
    return value;
  });
}

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.looseObject({
      environment: envSchema.optional(),
      build: z.object({ target: z.string() }).optional(),
      ports: z.array(z.string()).optional(),
      stop_grace_period: z.string().optional(),
      volumes: z.array(z.string()).optional(),
      security_opt: z.array(z.string()).optional(),
      shm_size: z.string().optional(),
      healthcheck: z.looseObject({ test: z.array(z.string()) }).optional(),
    }),
  ),
});

function compose() {
  return composeSchema.parse(parse(withExamples(read('compose.yaml')), { merge: true })).services;
}

/** Of a Dockerfile, what a stage sets, with what comes of the base. */
function imageEnvironment(target: string): Record<string, string> {
  const pairs = [...stage(target).matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);
  return Object.fromEntries(pairs.filter(([name = '']) => KNOWN.has(name)));
}

const envEntrySchema = z.looseObject({ name: z.string(), value: z.string().optional() });
const podSchema = z.looseObject({
  terminationGracePeriodSeconds: z.number(),
  volumes: z.array(z.looseObject({ name: z.string(), emptyDir: z.looseObject({}) })),
  containers: z
    .array(
      z.looseObject({
        image: z.string(),
        env: z.array(envEntrySchema),
        envFrom: z.array(z.object({ secretRef: z.object({ name: z.string() }) })).optional(),
        ports: z.array(z.object({ name: z.string(), containerPort: z.number() })).optional(),
        readinessProbe: z
          .looseObject({ httpGet: z.object({ path: z.string(), port: z.string() }) })
          .optional(),
        livenessProbe: z
          .looseObject({ httpGet: z.object({ path: z.string(), port: z.string() }) })
          .optional(),
        securityContext: z.looseObject({ privileged: z.boolean() }).optional(),
        volumeMounts: z.array(z.object({ name: z.string(), mountPath: z.string() })),
        lifecycle: z.object({
          preStop: z.object({ exec: z.object({ command: z.array(z.string()) }) }),
        }),
        resources: z.looseObject({
          limits: z.record(z.string(), z.union([z.string(), z.number()])),
        }),
      }),
    )
    .length(1),
});

type Manifest = { kind: string; metadata: { name: string } } & Record<string, unknown>;

function manifests(): Manifest[] {
  return readdirSync(join(DEPLOY, 'kubernetes')).flatMap((name) =>
    parseAllDocuments(read(`kubernetes/${name}`)).map((document) => {
      expect(document.errors).toStrictEqual([]);
      return document.toJS() as Manifest;
    }),
  );
}

function manifest(kind: string, name: string): Manifest {
  const found = manifests().find((one) => one.kind === kind && one.metadata.name === name);
  if (!found) throw new Error(`There is no ${kind} ${name}.`);
  return found;
}

function pod(kind: string, name: string) {
  const workload = manifest(kind, name) as unknown as { spec: { template: { spec: unknown } } };
  const { containers, ...rest } = podSchema.parse(workload.spec.template.spec);
  const [container] = containers;
  if (!container) throw new Error('A pod without a container.');
  return { ...rest, container };
}

function secret(): Record<string, string> {
  return envSchema.parse(manifest('Secret', 'rockpool').stringData);
}

/** What a container of a pod would be started with, as far as it is written down. */
function podEnvironment({ container }: ReturnType<typeof pod>): Record<string, string> {
  const fromSecret = container.envFrom ? secret() : {};
  const own = container.env.map(({ name, value }) => [name, value ?? secret()[name] ?? 'a-pod']);
  return { ...fromSecret, ...Object.fromEntries(own) };
}

/** Of a Dockerfile, the lines of one stage. */
function stage(target: string): string {
  const [, rest = ''] = read('Dockerfile').split(new RegExp(`^FROM .* AS ${target}$`, 'm'));
  return rest.split(/^FROM /m)[0] ?? '';
}

describe('the images', () => {
  it('start what there is', () => {
    for (const command of ['signaling', 'container']) {
      const [, words = '[]'] = /^CMD (.*)$/m.exec(stage(command)) ?? [];
      expect(JSON.parse(words)).toStrictEqual(['node', 'dist/cli/rockpool.js', command]);
    }
    expect(existsSync(join(ROOT, 'cli/rockpool.ts'))).toBe(true);
  });

  it('are made of what there is', () => {
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)];
    const names = copied.flatMap(([, words = '']) => words.split(' '));
    expect(names).toContain('package.json');
    expect(names.filter((name) => !existsSync(join(ROOT, name)))).toStrictEqual([]);
  });

  it('hold the programs that a machine is set up with', () => {
    const setUp = readFileSync(join(ROOT, 'scripts/system-packages.mjs'), 'utf8');
    const packaged = (name: string) => {
      const [, list = ''] =
        new RegExp(`^const ${name} = \\{[^}]*?packages: \\[([^\\]]*)\\]`, 'm').exec(setUp) ?? [];
      return [...list.matchAll(/'([^']+)'/g)].map(([, one]) => one);
    };
    const [, needs = ''] = /TO_PLAY = \[([^\]]*)\]/.exec(setUp) ?? [];
    const packages = [...needs.split(', '), 'SLIRP', 'FFMPEG'].flatMap(packaged);
    expect(packages.length).toBeGreaterThan(7);
    const installed = new Set(`${stage('container')} ${stage('signaling')}`.split(/\s+/));
    expect(packages.filter((name) => name === undefined || !installed.has(name))).toStrictEqual([]);
  });
});

describe('the compose file', () => {
  it('starts two nodes that the program would start with', () => {
    const services = compose();
    for (const name of ['signaling-1', 'signaling-2']) {
      const service = services[name];
      expect(service?.build?.target).toBe('signaling');
      const config = readSignalingConfig({
        ...imageEnvironment('signaling'),
        ...service?.environment,
      });
      expect(config).toMatchObject({ host: '0.0.0.0', port: 8080, nodeName: name, proxies: 1 });
      expect(config.redisUrl).toMatch(/redis:6379$/);
      expect(config.databaseUrl).toMatch(/@postgres:5432/);
    }
  });

  it('has both nodes keep builds in one place, and an upload stay where it began', () => {
    const services = compose();
    for (const name of ['signaling-1', 'signaling-2']) {
      const { volumes, environment } = services[name] ?? {};
      expect(volumes).toStrictEqual([`blobs:${environment?.ROCKPOOL_BLOBS}`]);
    }
    expect(read('nginx.conf')).toMatch(
      /upstream studio \{\s+hash \$remote_addr[\s\S]*location \/api\/studio\/ \{\s+proxy_pass http:\/\/studio;/,
    );
  });

  it('balances over the ports that the nodes listen on, and is reached where the container joins', () => {
    const nginx = read('nginx.conf');
    const nodes = ['server signaling-1:8080', 'server signaling-2:8080'];
    expect(nginx.match(/server (signaling-\d:\d+)/g)).toStrictEqual([...nodes, ...nodes]);
    expect(nginx).toContain('Upgrade $http_upgrade');
    const { container, balancer } = compose();
    const { port } = new URL(container?.environment?.ROCKPOOL_SIGNALING_URL ?? '');
    expect(balancer?.ports).toStrictEqual([`${port}:8080`]);
  });

  it('starts a container that the program would start, and lets it drain', () => {
    const { container } = compose();
    const config = readContainerConfig({
      ...imageEnvironment('container'),
      ...container?.environment,
    });
    // Without these no build starts: its sandbox mounts a /proc, and its pictures need memory.
    expect(container?.security_opt).toContain('systempaths=unconfined');
    expect(container?.shm_size).toBe('1gb');
    const graceMs = 1000 * Number(container?.stop_grace_period?.replace('s', ''));
    expect(graceMs).toBeGreaterThan(config.drainMs + 5_000);
  });

  it('looks at a path that answers', async () => {
    const test = compose()['signaling-1']?.healthcheck?.test.join(' ') ?? '';
    await expectAnswer(new URL(/http:[^']+/.exec(test)?.[0] ?? '').pathname);
  });
});

describe('the manifests for Kubernetes', () => {
  it('name variables that there are', () => {
    for (const one of [pod('Deployment', 'signaling'), pod('StatefulSet', 'container')]) {
      const names = Object.keys(podEnvironment(one));
      expect(names.filter((name) => !KNOWN.has(name))).toStrictEqual([]);
    }
  });

  it('start signaling with what the program takes, on the port of its service', () => {
    const signaling = pod('Deployment', 'signaling');
    const config = readSignalingConfig({
      ...imageEnvironment('signaling'),
      ...podEnvironment(signaling),
    });
    expect(signaling.container.ports).toStrictEqual([{ name: 'http', containerPort: config.port }]);
    expect(manifest('Service', 'signaling').spec).toMatchObject({
      ports: [{ port: 80, targetPort: 'http' }],
    });
    expect(manifest('Deployment', 'signaling').spec).toMatchObject({ replicas: 2 });
  });

  it('keep builds where all nodes find them, and an upload where it began', () => {
    const config = readSignalingConfig({
      ...imageEnvironment('signaling'),
      ...podEnvironment(pod('Deployment', 'signaling')),
    });
    expect(config.blobs?.kind).toBe('registry');
    expect(manifest('Ingress', 'studio')).toMatchObject({
      metadata: {
        annotations: { 'nginx.ingress.kubernetes.io/upstream-hash-by': '$binary_remote_addr' },
      },
      spec: { rules: [{ http: { paths: [{ path: '/api/studio' }] } }] },
    });
  });

  it('let the sandbox of a container work, and its pictures through', () => {
    const { container, volumes } = pod('StatefulSet', 'container');
    expect(container.securityContext?.privileged).toBe(true);
    const { name } = container.volumeMounts.find(({ mountPath }) => mountPath === '/dev/shm') ?? {};
    expect(volumes.find((volume) => volume.name === name)?.emptyDir).toMatchObject({
      medium: 'Memory',
    });
  });

  it('look at paths that answer while there is no container', async () => {
    const { readinessProbe, livenessProbe } = pod('Deployment', 'signaling').container;
    for (const probe of [readinessProbe, livenessProbe]) {
      expect(probe?.httpGet.port).toBe('http');
      await expectAnswer(probe?.httpGet.path ?? '');
    }
  });

  it('give a container one GPU, let it drain before it is ended, and end it once', () => {
    const one = pod('StatefulSet', 'container');
    expect(one.container.resources.limits['nvidia.com/gpu']).toBe(1);
    const { drainMs, signalingUrl } = readContainerConfig({
      ...imageEnvironment('container'),
      ...podEnvironment(one),
    });
    expect(1000 * one.terminationGracePeriodSeconds).toBeGreaterThan(drainMs + 5_000);
    // The kubelet's own signal must not come while games go on: it would be the second.
    expect(one.container.lifecycle.preStop.exec.command.join(' ')).toMatch(
      /kill -TERM 1; while kill -0 1/,
    );
    expect(new URL(signalingUrl).hostname).toBe(manifest('Service', 'signaling').metadata.name);
  });

  it('keep enough of both while nodes are drained', () => {
    for (const [kind, name] of [
      ['Deployment', 'signaling'],
      ['StatefulSet', 'container'],
    ] as const) {
      const selected = (manifest(kind, name).spec as { selector: unknown }).selector;
      expect(manifest('PodDisruptionBudget', name).spec).toMatchObject({ selector: selected });
    }
  });
});

async function expectAnswer(path: string): Promise<void> {
  const fixture = await SignalingFixture.start();
  try {
    expect((await fixture.get(path)).status).toBe(200);
  } finally {
    await fixture.close();
  }
}
