import { z } from 'zod';

/** What the sessions of one machine share, or what one of them takes of it. */
export const capacitySchema = z.strictObject({
  /** Luma samples encoded per second. */
  pixelsPerSecond: z.number().min(0),
  /** Processor cores. */
  cpus: z.number().min(0),
  memoryBytes: z.number().min(0),
  gpuMemoryBytes: z.number().min(0),
});
export type Capacity = z.infer<typeof capacitySchema>;

/** Every part of a capacity, in the order in which a shortage is told. */
export const CAPACITY_PARTS = ['pixelsPerSecond', 'cpus', 'memoryBytes', 'gpuMemoryBytes'] as const;

/** Whether a machine with this left takes a session with these needs. */
export function fits(needs: Capacity, free: Capacity): boolean {
  return CAPACITY_PARTS.every((part) => needs[part] <= free[part]);
}

/** What is left, never less than nothing. */
export function without(free: Capacity, taken: Capacity): Capacity {
  return {
    pixelsPerSecond: Math.max(0, free.pixelsPerSecond - taken.pixelsPerSecond),
    cpus: Math.max(0, free.cpus - taken.cpus),
    memoryBytes: Math.max(0, free.memoryBytes - taken.memoryBytes),
    gpuMemoryBytes: Math.max(0, free.gpuMemoryBytes - taken.gpuMemoryBytes),
  };
}
