/// <reference types="@webgpu/types" />
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openFirst } from '../../renderer/webgpu/gpu-device.ts';

/** Which driver manifest each attempt was made with; only `good` has an adapter. */
function fakeVulkan(good: string | undefined | null) {
  const attempts: (string | undefined)[] = [];
  const create = (): GPU => {
    const driver = process.env.VK_DRIVER_FILES;
    attempts.push(driver);
    const adapter = { requestDevice: async () => ({}) };
    const requestAdapter = async () => (driver === good ? adapter : null);
    // Only what is called is there: opening a device needs nothing else of it.
    return { requestAdapter } as unknown as GPU;
  };
  return { attempts, create };
}

describe('opening a GPU', () => {
  const before = process.env.VK_DRIVER_FILES;
  beforeEach(() => {
    delete process.env.VK_DRIVER_FILES;
  });
  afterEach(() => {
    if (before !== undefined) process.env.VK_DRIVER_FILES = before;
  });

  const softwareFiles = ['/chromium.json', '/lavapipe.json'];

  it('asks for what the machine itself offers first', async () => {
    const { attempts, create } = fakeVulkan(undefined);
    await openFirst(create, { loaderHasDrivers: true, softwareFiles });
    expect(attempts).toEqual([undefined]);
  });

  it('goes on to software drivers where that is refused, and puts the variable back', async () => {
    const { attempts, create } = fakeVulkan('/lavapipe.json');
    await openFirst(create, { loaderHasDrivers: true, softwareFiles });
    expect(attempts).toEqual([undefined, '/chromium.json', '/lavapipe.json']);
    expect(process.env.VK_DRIVER_FILES).toBeUndefined();
  });

  it('keeps the driver that an operator chose for the first attempt', async () => {
    process.env.VK_DRIVER_FILES = '/chosen.json';
    const { attempts, create } = fakeVulkan('/chromium.json');
    await openFirst(create, { loaderHasDrivers: true, softwareFiles });
    expect(attempts).toEqual(['/chosen.json', '/chromium.json']);
    expect(process.env.VK_DRIVER_FILES).toBe('/chosen.json');
    delete process.env.VK_DRIVER_FILES;
  });

  it('does not ask a loader that has nothing before the software drivers', async () => {
    const { attempts, create } = fakeVulkan('/chromium.json');
    await openFirst(create, { loaderHasDrivers: false, softwareFiles });
    expect(attempts).toEqual(['/chromium.json']);
  });

  it('says what to install where nothing works', async () => {
    const { create } = fakeVulkan(null);
    const opening = openFirst(create, { loaderHasDrivers: true, softwareFiles });
    await expect(opening).rejects.toMatchObject({
      code: 'no-gpu',
      message: expect.stringContaining('apt install libvulkan1 chromium'),
    });
  });
});
