/** A fixed-size list of equal records of floats, filled anew each frame; what does not fit is left out. */
export class InstanceList {
  readonly data: Float32Array<ArrayBuffer>;
  readonly capacity: number;
  /** Floats a record. */
  readonly stride: number;
  count = 0;

  constructor(capacity: number, stride: number) {
    this.capacity = capacity;
    this.stride = stride;
    this.data = new Float32Array(capacity * stride);
  }

  clear(): void {
    this.count = 0;
  }

  /** Index of the first float of a fresh record, or −1 when the list is full. */
  claim(): number {
    return this.count === this.capacity ? -1 : this.count++ * this.stride;
  }
}
