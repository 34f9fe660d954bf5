"""The cluster: reaching it, how many processors a task gets, and work that outlives machines."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
import warnings
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .._errors import VmafError, lacks

if TYPE_CHECKING:
    from ray import ObjectRef

Progress = Callable[[int, int, int], None]
Item = TypeVar("Item")

#: How many processors a task gets at most unless it is said. One reader decodes for all threads of
#: a task, so that more threads wait for it sooner or later; more tasks have more readers.
MOST_CPUS = 4

#: Seconds until an interrupt is noticed at the latest, while results are awaited.
INTERRUPT_INTERVAL = 0.2

#: How many tasks are handed to Ray at most before others are done. An autoscaler sees those.
MOST_SUBMITTED = 1000


@dataclass(frozen=True)
class Retries:
    """How often work is begun again before it counts as impossible."""

    crashed: int
    """After its process crashed, ran out of memory or got no result, which may be its own doing."""

    lost: int
    """After its machine vanished, which says nothing of it."""


@dataclass
class Job(Generic[Item]):
    """Work that may have to be done several times."""

    item: Item
    submit: Callable[[], ObjectRef[Any]]
    crashed: int = 0
    lost: int = 0


@dataclass(frozen=True)
class GivenUp:
    """In place of a result: why there is none."""

    reason: str


class Pool(Generic[Item]):
    """Jobs at work on the cluster. More may be added while results are taken."""

    def __init__(self, cluster: Cluster, retries: Retries) -> None:
        self._cluster = cluster
        self._retries = retries
        self._waiting: deque[Job[Item]] = deque()
        self._submitted: dict[ObjectRef[Any], Job[Item]] = {}

    def add(self, item: Item, submit: Callable[[], ObjectRef[Any]]) -> None:
        """Adds work: `submit` begins it, and does so again where it was lost."""
        self._waiting.append(Job(item, submit))

    @property
    def running(self) -> int:
        """How many tasks run, as far as the cluster has room for what was handed to it."""
        return min(len(self._submitted), self._cluster.room())

    def finished(self) -> Generator[tuple[Item, Any]]:
        """Each item with its result, or `GivenUp`, as they are done. Raises VmafError where the
        cluster can do no such work at all, and KeyboardInterrupt after an interrupt. Whatever ends
        this cancels what runs."""
        import ray

        try:
            while self._waiting or self._submitted:
                while self._waiting and len(self._submitted) < MOST_SUBMITTED:
                    job = self._waiting.popleft()
                    self._submitted[job.submit()] = job
                self._cluster.interrupts.check()
                done, _ = ray.wait(list(self._submitted), num_returns=1, timeout=INTERRUPT_INTERVAL)
                for ref in done:
                    job = self._submitted.pop(ref)
                    result = self._result(job, ref)
                    if result is None:
                        self._waiting.appendleft(job)
                    else:
                        yield job.item, result
        finally:
            self._waiting.clear()
            for ref in self._submitted:
                with contextlib.suppress(Exception):
                    ray.cancel(ref, force=True)
            self._submitted.clear()

    def _result(self, job: Job[Item], ref: ObjectRef[Any]) -> Any:
        """What came of a job, or None where it is to be done again."""
        import ray
        from ray import exceptions

        try:
            return ray.get(ref)
        except exceptions.TaskCancelledError:
            raise
        except (exceptions.RuntimeEnvSetupError, exceptions.TaskUnschedulableError) as error:
            raise VmafError(f"the cluster can't run the work: {_line(error)}") from error
        except exceptions.RayTaskError as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, ImportError):
                raise VmafError(
                    f"a machine of the cluster can't import what it needs ({cause}): install the "
                    "same vmaf-py on all, or give it by ray.init(runtime_env={'pip': [...]})"
                ) from error
            if isinstance(cause, VmafError):
                raise cause from None
            return self._again(job, "crashed", _line(cause or error))
        except exceptions.WorkerCrashedError:
            return self._again(job, "crashed", "its process crashed")
        except exceptions.OutOfMemoryError:
            return self._again(job, "crashed", "its machine ran out of memory")
        except exceptions.RaySystemError as error:
            return self._again(job, "crashed", _line(error))
        except exceptions.RayError:
            return self._again(job, "lost", "its machine vanished")

    def _again(self, job: Job[Item], how: str, reason: str) -> GivenUp | None:
        times = getattr(job, how) + 1
        setattr(job, how, times)
        if times <= getattr(self._retries, how):
            return None
        return GivenUp(f"given up after {times} {'try' if times == 1 else 'tries'}: {reason}")


class Interrupts:
    """Ctrl-C as a flag. An exception that a signal handler raises inside Ray's native code, of which
    any call may be one, aborts the process; a flag is looked at between calls."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def check(self) -> None:
        """Raises KeyboardInterrupt after an interrupt."""
        if self._event.is_set():
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def deferred(self) -> Iterator[None]:
        """Sets the flag at SIGINT, instead of what else the signal would do. Leaves a signal that is
        ignored, and threads other than the main one, which get none, as they are."""
        is_main = threading.current_thread() is threading.main_thread()
        if not is_main or signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, None):
            yield
            return
        before = signal.signal(signal.SIGINT, lambda *_: self._event.set())
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


class Cluster:
    """A cluster that was reached, and what a task takes of it."""

    def __init__(self, num_cpus: int | None, is_ours: bool, interrupts: Interrupts) -> None:
        self.interrupts = interrupts
        """Ctrl-C, for those who wait for work."""
        sizes = [size for size in self._sizes() if size >= 1]
        if num_cpus is None:
            num_cpus = min([MOST_CPUS, *sizes])
        self.num_cpus = num_cpus
        """How many processors a task has."""
        if num_cpus < 1:
            raise VmafError(f"a task needs a processor at least, not num_cpus={num_cpus}")
        if sizes and num_cpus > max(sizes):
            problem = (
                f"num_cpus={num_cpus} is more than any machine has; the largest has {max(sizes)}"
            )
            if is_ours:
                raise VmafError(problem)
            # Another may join.
            warnings.warn(f"{problem}: work waits until one that has as many joins", stacklevel=5)

    def remote(self, function: Callable[..., Any], name: str) -> Any:
        """`function` as a task that has this cluster's share of processors."""
        import ray

        # Ray's own retries would hide what is counted here.
        return ray.remote(function).options(num_cpus=self.num_cpus, max_retries=0, name=name)

    def room(self) -> int:
        """How many tasks can run at once."""
        return sum(size // self.num_cpus for size in self._sizes())

    @staticmethod
    def _sizes() -> list[int]:
        """The processors of each machine that is there."""
        import ray

        nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
        alive = [node for node in nodes if node["Alive"]]
        return [int(node["Resources"].get("CPU", 0)) for node in alive]


@contextlib.contextmanager
def connected(address: str | None, num_cpus: int | None) -> Iterator[Cluster]:
    """The cluster at `address`, or one of this machine alone, which ends with the work.

    Without an address, that of the environment counts, as Ray sets it for its jobs; one that the
    program is connected to goes first. An interrupt ends the work between two calls of Ray.
    """
    interrupts = Interrupts()
    with interrupts.deferred(), _connection(address) as is_ours:
        interrupts.check()
        yield Cluster(num_cpus, is_ours, interrupts)
    # One that came too late to stop anything still reaches the caller.
    interrupts.check()


@contextlib.contextmanager
def _connection(address: str | None) -> Iterator[bool]:
    """Connects to the cluster at `address`. Gives whether it was started for this."""
    try:
        import ray
    except ImportError as error:
        raise lacks("work on a cluster", "Ray", "ray") from error
    if ray.is_initialized():
        yield False
        return
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    is_ours = address == "local"
    options: dict[str, Any] = {"include_dashboard": False} if is_ours else {}
    try:
        _knock(address)
        ray.init(address, log_to_driver=False, logging_level=logging.WARNING, **options)
    except (OSError, ValueError, RuntimeError) as error:
        raise VmafError(f"there is no cluster at '{address}': {_line(error)}") from error
    try:
        yield is_ours
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raises OSError where nobody answers at a HOST:PORT, for which Ray itself takes minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdecimal() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), timeout=30).close()


def _line(error: BaseException) -> str:
    """An exception's last line, which says what was wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
