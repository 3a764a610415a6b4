/** A character device that takes ioctls. */
export interface DeviceFile {
  /**
   * @param argument a number as such, or what the kernel reads and writes through the pointer.
   * @returns the argument as the kernel left it.
   * @throws RockpoolError `internal` with the kernel's reason.
   */
  ioctl(request: number, argument: number | Uint8Array): Promise<Uint8Array>;
  /** In order with the ioctls. What a device that failed is told is lost. */
  write(bytes: Uint8Array): void;
  close(): Promise<void>;
}

/**
 * @param handleRead what the device says, in pieces as they come.
 * @throws RockpoolError `missing-package` where the device cannot be opened, with the reason.
 */
export type OpenDevice = (
  path: string,
  handleRead: (bytes: Uint8Array) => void,
) => Promise<DeviceFile>;
