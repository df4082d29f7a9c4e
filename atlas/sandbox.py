"""Work on untrusted bytes in a process of its own, forked for each, which the kernel ends at its limits.

Three kinds of process: *ours*, which may be a server with threads; the *kettle*, one idle process with everything
imported, from which a child is forked in milliseconds; and a *child* for each piece of work, which answers once and is
gone. Beside each child stands a *warden* that does nothing but wait for it and say how it ended.

The kettle is started as a fresh interpreter, not by `multiprocessing`: that would import the caller's `__main__` again.
Needs fork and file descriptors that travel over sockets: Linux, macOS.
"""

import atexit
import contextlib
import importlib
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from types import ModuleType

_ENDED = struct.Struct("!iq")  # wait status; most resident memory in KiB
_CODE = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from lucarne.atlas import sandbox
sandbox.boil(sys.argv)
"""


@dataclass(frozen=True)
class Limits:
    """What a child may take, in seconds and bytes."""

    cpu: float = 4
    wall: float = 5
    memory: int = 350 * 2**20  # of address space, so the resident part stays below it
    at_once: int = 2  # children: what memory and processors the rest of the program can spare


@dataclass(frozen=True)
class Outcome:
    answer: bytes  # what the child said; not to be believed unless `finished`
    finished: bool  # it ended by itself, not by a limit or a crash
    memory: int  # bytes, the most that were resident in it


class Sandbox:
    """Runs `answer(bytes) -> bytes` of a module in children, after one `warm()`. For any number of threads.

    Nothing starts before the first use.
    """

    def __init__(self, module: str, limits: Limits | None = None) -> None:
        self.module = module
        self.limits = limits or Limits()
        self._forget()
        os.register_at_fork(after_in_child=self._forget)  # a fork of ours gets a kettle of its own
        atexit.register(self.close)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(self.limits.at_once)
        self._kettle: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def run(self, work: bytes) -> Outcome:
        """Raises RuntimeError when no child can be started at all."""
        with self._room:
            for _ in range(2):  # the kettle itself may have been killed since: then once more with a new one
                with contextlib.suppress(ConnectionError):
                    outcome = self._talk(self._child(), work)
                    if outcome:
                        return outcome
                self.close()
        raise RuntimeError("The process that decodes pictures does not start.")

    def close(self) -> None:
        """End the kettle; children end by themselves. The next `run` starts another."""
        with self._lock:
            kettle, control, self._kettle, self._control = self._kettle, self._control, None, None
        if control:
            control.close()
        if kettle:
            kettle.kill()
            kettle.wait()

    def _child(self) -> socket.socket:
        """A line to a new child."""
        near, far = socket.socketpair()
        try:
            with far, self._lock:
                if not self._control:
                    self._control = self._start()
                socket.send_fds(self._control, [b"."], [far.fileno()])
        except BaseException:
            near.close()
            raise
        return near

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            limits = json.dumps(asdict(self.limits))
            self._kettle = subprocess.Popen(
                [sys.executable, "-c", _CODE, json.dumps(sys.path), self.module, limits, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us: the kettle ends when we do
            )
        return ours

    def _talk(self, line: socket.socket, work: bytes) -> Outcome | None:
        """Send the work, hear the answer. None where not even the warden answers."""
        # The kernel ends a child before this; it is for a machine that hangs.
        deadline = time.monotonic() + self.limits.wall + 2
        heard = bytearray()
        with line:
            try:
                line.settimeout(deadline - time.monotonic())
                with contextlib.suppress(ConnectionError):  # a child that died early reads nothing; its warden speaks
                    line.sendall(work)
                    line.shutdown(socket.SHUT_WR)
                with contextlib.suppress(ConnectionResetError):  # what the child left unread resets the line at its end
                    while part := line.recv(1 << 20):
                        heard += part
                        line.settimeout(max(0.001, deadline - time.monotonic()))
            except TimeoutError:
                return Outcome(b"", False, 0)
        if len(heard) < _ENDED.size:
            return None
        status, memory = _ENDED.unpack(heard[-_ENDED.size :])
        return Outcome(bytes(heard[: -_ENDED.size]), status == 0, memory * 1024)


def boil(argv: list[str]) -> None:
    """The kettle: for each line that is handed over fork a warden with a child. Ends when our end closes."""
    module, limits = importlib.import_module(argv[2]), Limits(**json.loads(argv[3]))
    control = socket.socket(fileno=int(argv[4]))
    module.warm()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # wardens are not waited for
    while True:
        _, fds, _, _ = socket.recv_fds(control, 1, 1)
        if not fds:
            return
        if os.fork() == 0:
            control.close()
            _guard(fds[0], module, limits)
        os.close(fds[0])


def _guard(fd: int, module: ModuleType, limits: Limits) -> None:
    """The warden: fork the child, wait, say how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        _work(fd, module, limits)
    _, status, usage = os.wait4(child, 0)
    memory = usage.ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    with contextlib.suppress(OSError):
        os.write(fd, _ENDED.pack(status, memory))
    os._exit(0)


def _work(fd: int, module: ModuleType, limits: Limits) -> None:
    """The child: bind itself, read all, answer once."""
    signal.setitimer(signal.ITIMER_REAL, limits.wall)  # these two signals end a process even inside a C function
    signal.setitimer(signal.ITIMER_PROF, limits.cpu)
    for kind, most in (
        (resource.RLIMIT_CPU, int(limits.cpu) + 1),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):  # macOS knows RLIMIT_AS by name only
            resource.setrlimit(kind, (most, most))
    try:
        with socket.socket(fileno=fd) as line:
            parts = []
            while part := line.recv(1 << 20):
                parts.append(part)
            work = b"".join(parts)
            del parts
            answer = module.answer(work)
            line.sendall(answer)
    except BaseException:  # whatever it was, it is the child's end, and the warden tells of it
        os._exit(1)
    os._exit(0)
