/** Instructions of classic BPF, from linux/bpf_common.h. */
const LOAD_WORD = 0x20;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_EQUAL = 0x35;
const JUMP_ANY_BIT = 0x45;
const RETURN = 0x06;

/** Verdicts, from linux/seccomp.h. */
const ALLOW = 0x7fff0000;
const FAIL_WITH = 0x00050000;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

/** Offsets in struct seccomp_data; of an argument its low half. */
const NUMBER_AT = 0;
const ARCHITECTURE_AT = 4;
const argumentAt = (index: number) => 16 + 8 * index;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const NAMESPACE_FLAGS = 0x7e020000;
/** System calls of the x32 ABI carry this bit beside the x64 number. */
const X32_BIT = 0x40000000;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
/** NETLINK_ROUTE and NETLINK_KOBJECT_UEVENT: what getifaddrs and libudev ask. */
const NETLINK_PROTOCOLS = [0, 15];

interface SystemCalls {
  readonly auditArchitecture: number;
  readonly socket: number;
  readonly clone: number;
  readonly clone3: number;
  /** Make or enter namespaces and roots: refused unless the order allows user namespaces. */
  readonly namespaces: readonly number[];
  /** No game needs them; most doors into the kernel of recent years are among them. */
  readonly refused: readonly number[];
}

/**
 * On every architecture: io_uring_setup, io_uring_enter, io_uring_register, open_tree, move_mount,
 * fsopen, fsconfig, fsmount, fspick, mount_setattr, quotactl_fd.
 */
const REFUSED_EVERYWHERE = [425, 426, 427, 428, 429, 430, 431, 432, 433, 442, 443];

/**
 * Refused, in this order: keyctl, add_key, request_key, bpf, perf_event_open, userfaultfd, kexec_load,
 * kexec_file_load, init_module, finit_module, delete_module, mount, umount2, pivot_root, swapon,
 * swapoff, reboot, syslog, acct, quotactl, open_by_handle_at, fanotify_init, lookup_dcookie, vhangup,
 * setns; on x64 also iopl, ioperm, modify_ldt, uselib. Namespaces: unshare, chroot.
 */
const SYSTEM_CALLS: Readonly<Record<string, SystemCalls>> = {
  x64: {
    auditArchitecture: 0xc000003e,
    socket: 41,
    clone: 56,
    clone3: 435,
    namespaces: [272, 161],
    refused: [
      250, 248, 249, 321, 298, 323, 246, 320, 175, 313, 176, 165, 166, 155, 167, 168, 169, 103, 163,
      179, 304, 300, 212, 153, 308, 172, 173, 154, 134,
    ],
  },
  arm64: {
    auditArchitecture: 0xc00000b7,
    socket: 198,
    clone: 220,
    clone3: 435,
    namespaces: [97, 51],
    refused: [
      219, 217, 218, 280, 241, 282, 104, 294, 105, 273, 106, 40, 39, 41, 224, 225, 142, 116, 89, 60,
      265, 262, 18, 58, 268,
    ],
  },
};

/**
 * A seccomp program for `bwrap --seccomp`: refuses system calls that a game does not need. Families
 * of sockets beside Unix and IP are refused because some (AF_VSOCK, to the machine below this one)
 * know no network namespaces.
 * @param architecture as `process.arch` has it.
 * @returns undefined for an architecture whose numbers are not known here.
 */
export function seccompFilter(
  architecture: string,
  userNamespaces: boolean,
): Uint8Array | undefined {
  const calls = SYSTEM_CALLS[architecture];
  if (!calls) return undefined;
  const program = new FilterProgram();
  program.load(ARCHITECTURE_AT);
  program.failUnlessEqual(calls.auditArchitecture, ENOSYS);
  program.load(NUMBER_AT);
  if (architecture === 'x64') program.failFrom(X32_BIT, ENOSYS);
  for (const number of [...calls.refused, ...REFUSED_EVERYWHERE]) program.failIf(number, EPERM);
  if (!userNamespaces) {
    for (const number of calls.namespaces) program.failIf(number, EPERM);
    // Its flags lie in memory that no filter can read; glibc falls back on clone.
    program.failIf(calls.clone3, ENOSYS);
    program.when(calls.clone, (inner) => {
      inner.load(argumentAt(0));
      inner.failIfAnyBit(NAMESPACE_FLAGS, EPERM);
      inner.allow();
    });
  }
  program.when(calls.socket, (inner) => {
    inner.load(argumentAt(0));
    for (const family of [AF_UNIX, AF_INET, AF_INET6]) inner.allowIf(family);
    inner.failUnlessEqual(AF_NETLINK, EAFNOSUPPORT);
    inner.load(argumentAt(2));
    for (const protocol of NETLINK_PROTOCOLS) inner.allowIf(protocol);
    inner.fail(EAFNOSUPPORT);
  });
  program.allow();
  return program.bytes();
}

/** Jumps only over what follows directly, so that no offset outgrows its 8 bits. */
class FilterProgram {
  readonly #instructions: [code: number, ifTrue: number, ifFalse: number, value: number][] = [];

  load(offset: number): void {
    this.#instructions.push([LOAD_WORD, 0, 0, offset]);
  }

  allow(): void {
    this.#instructions.push([RETURN, 0, 0, ALLOW]);
  }

  fail(errno: number): void {
    this.#instructions.push([RETURN, 0, 0, FAIL_WITH | errno]);
  }

  allowIf(value: number): void {
    this.#instructions.push([JUMP_EQUAL, 0, 1, value]);
    this.allow();
  }

  failIf(value: number, errno: number): void {
    this.#instructions.push([JUMP_EQUAL, 0, 1, value]);
    this.fail(errno);
  }

  failUnlessEqual(value: number, errno: number): void {
    this.#instructions.push([JUMP_EQUAL, 1, 0, value]);
    this.fail(errno);
  }

  failFrom(value: number, errno: number): void {
    this.#instructions.push([JUMP_GREATER_EQUAL, 0, 1, value]);
    this.fail(errno);
  }

  failIfAnyBit(bits: number, errno: number): void {
    this.#instructions.push([JUMP_ANY_BIT, 0, 1, bits]);
    this.fail(errno);
  }

  /** `write` runs for this system call alone and must end in a verdict on every path. */
  when(number: number, write: (inner: FilterProgram) => void): void {
    const inner = new FilterProgram();
    write(inner);
    this.#instructions.push([JUMP_EQUAL, 0, inner.#instructions.length, number]);
    this.#instructions.push(...inner.#instructions);
  }

  /** Array of struct sock_filter; both known architectures are little-endian. */
  bytes(): Uint8Array {
    const bytes = new DataView(new ArrayBuffer(this.#instructions.length * 8));
    for (const [i, [code, ifTrue, ifFalse, value]] of this.#instructions.entries()) {
      bytes.setUint16(i * 8, code, true);
      bytes.setUint8(i * 8 + 2, ifTrue);
      bytes.setUint8(i * 8 + 3, ifFalse);
      bytes.setUint32(i * 8 + 4, value, true);
    }
    return new Uint8Array(bytes.buffer);
  }
}
