import { describe, expect, it } from 'vitest';
import { MyMachines } from '../../../client/pages/console-machines.ts';
import { consoleLink } from '../../../protocol/console-token.ts';
import { ContainerIdentity } from '../../../server/agent/container-identity.ts';

function memory(text: string | null = null) {
  const kept = { text };
  const storage = () => ({
    getItem: () => kept.text,
    setItem: (_key: string, value: string) => {
      kept.text = value;
    },
  });
  return { kept, storage };
}

async function machine(nowMs = 0) {
  const identity = await ContainerIdentity.create();
  const token = await identity.consoleToken(nowMs);
  return { identity, token, containerId: identity.containerId };
}

describe('the machines of this device', () => {
  it('are added by opening their links, and are there on the next visit', async () => {
    const { storage } = memory();
    const [one, two] = [await machine(), await machine()];
    const machines = new MyMachines(storage);
    expect(machines.add(consoleLink('https://pool.example', one.token))).toBe(one.containerId);
    expect(machines.add(` ${two.token}\n`)).toBe(two.containerId);
    machines.rename(two.containerId, 'Attic');
    expect(new MyMachines(storage).all.value).toEqual([
      { containerId: one.containerId, token: one.token, name: undefined },
      { containerId: two.containerId, token: two.token, name: 'Attic' },
    ]);
  });

  it('take a newer link of the same machine in its place, and keep its name', async () => {
    const { identity, token, containerId } = await machine();
    const machines = new MyMachines(memory().storage);
    machines.add(token);
    machines.rename(containerId, 'Attic');
    const newer = await identity.consoleToken(60_000);
    machines.add(newer);
    expect(machines.all.value).toEqual([{ containerId, token: newer, name: 'Attic' }]);
  });

  it.each(['', 'https://pool.example/console', '#a.b.c', 'eyJ.eyJ.eyJ', 'x'.repeat(9000)])(
    'take nothing else for a link: %s',
    (link) => {
      const machines = new MyMachines(memory().storage);
      expect(machines.add(link)).toBeUndefined();
      expect(machines.all.value).toEqual([]);
    },
  );

  it('are forgotten on this device, and can be taken back', async () => {
    const { token, containerId } = await machine();
    const { kept, storage } = memory();
    const machines = new MyMachines(storage);
    machines.add(token);
    const [known] = machines.all.value;
    machines.forget(containerId);
    expect(machines.all.value).toEqual([]);
    expect(kept.text).not.toContain(token);
    if (known) machines.restore(known);
    expect(new MyMachines(storage).all.value).toEqual([known]);
  });

  it.each(['{', '7', '[{"token":1}]', '[{"token":"no token"}]'])(
    'are none where storage holds something strange: %s',
    (text) => {
      expect(new MyMachines(memory(text).storage).all.value).toEqual([]);
    },
  );

  it('are kept for this visit where the browser refuses storage', async () => {
    const { token } = await machine();
    const machines = new MyMachines(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    machines.add(token);
    expect(machines.all.value).toHaveLength(1);
  });
});
