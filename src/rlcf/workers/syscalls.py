"""A filter of system calls with which a program can start threads, but no process, and look into none.

It is a classic BPF program for seccomp (the kernel's Documentation/userspace-api/seccomp_filter.rst), which bubblewrap
installs. `clone` is let through where it makes a thread. `clone3`, whose flags a filter cannot read, does not exist, so
that the C library falls back to `clone`.
"""

import errno
import platform
import struct

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # places in `struct seccomp_data`
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_CLONE_THREAD = 0x00010000
_CLONE3 = 435
_X32 = 0x40000000
"""Where the numbers of a second table of calls begin, on x86-64."""

# fork, vfork, ptrace, process_vm_readv, process_vm_writev, where there are such
_MACHINES: dict[str, tuple[int, int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, 56, (57, 58, 101, 310, 311)),
    "aarch64": (0xC00000B7, 220, (117, 270, 271)),
}
"""The machine's number in `linux/audit.h`, its number of `clone`, and the calls that are refused."""


def no_processes(machine: str = platform.machine()) -> bytes | None:
    """The filter as bubblewrap's `--seccomp` reads it; `None` for a machine whose numbers are not known here."""
    if machine not in _MACHINES:
        return None
    architecture, clone, refused = _MACHINES[machine]
    no = _ERRNO | errno.EPERM
    checks = [
        *_unless(_EQUAL, architecture, no),
        _step(_LOAD, _NUMBER),
        *_where(_AT_LEAST, _X32, no),
        *_where(_EQUAL, _CLONE3, _ERRNO | errno.ENOSYS),
        *(step for number in refused for step in _where(_EQUAL, number, no)),
        *_unless(_EQUAL, clone, _ALLOW),
        _step(_LOAD, _FIRST_ARGUMENT),
        *_unless(_ANY_BIT, _CLONE_THREAD, no),
        _step(_RETURN, _ALLOW),
    ]
    return b"".join([_step(_LOAD, _ARCHITECTURE), *checks])


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """A `struct sock_filter`; the jumps count steps."""
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _where(test: int, value: int, result: int) -> list[bytes]:
    return [_step(test, value, 0, 1), _step(_RETURN, result)]


def _unless(test: int, value: int, result: int) -> list[bytes]:
    return [_step(test, value, 1, 0), _step(_RETURN, result)]
