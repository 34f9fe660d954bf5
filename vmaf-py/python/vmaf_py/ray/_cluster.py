"""Connection to the cluster, processors per task, and retries of tasks whose machine is lost."""

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

from .._errors import VmafError, missing_package

if TYPE_CHECKING:
    from ray import ObjectRef

Progress = Callable[[int, int, int], None]
Item = TypeVar("Item")

#: Default limit of processors per task. A single reader decodes for all threads of a task and limits
#: how many it can keep busy; more tasks have more readers.
MAX_CPUS = 4

#: Interval in seconds at which interrupts are checked while waiting for results.
INTERRUPT_INTERVAL = 0.2

#: Limit of unfinished tasks submitted to Ray. An autoscaler sizes the cluster by these.
MAX_SUBMITTED = 1000


@dataclass(frozen=True)
class Retries:
    """Limits of retries, by the cause of failure."""

    crashes: int
    """Retries after a failure that the task may have caused: a crash, no memory, or no result."""

    losses: int
    """Retries after the loss of the machine, which the task didn't cause."""


@dataclass
class Job(Generic[Item]):
    """Task that may be submitted several times."""

    item: Item
    submit: Callable[[], ObjectRef[Any]]
    crashes: int = 0
    losses: int = 0


@dataclass(frozen=True)
class FailedTask:
    """Reason for a task without a result, after all retries."""

    reason: str


class Pool(Generic[Item]):
    """Jobs on the cluster. Jobs may be added while results are consumed."""

    def __init__(self, cluster: Cluster, retries: Retries) -> None:
        self._cluster = cluster
        self._retries = retries
        self._waiting: deque[Job[Item]] = deque()
        self._submitted: dict[ObjectRef[Any], Job[Item]] = {}

    def add(self, item: Item, submit: Callable[[], ObjectRef[Any]]) -> None:
        """Adds a job. `submit` submits its task and is called again for each retry."""
        self._waiting.append(Job(item, submit))

    @property
    def running(self) -> int:
        """Estimated number of running tasks: those submitted, up to the cluster's capacity."""
        return min(len(self._submitted), self._cluster.capacity())

    def finished(self) -> Generator[tuple[Item, Any]]:
        """Yields each item with its result, or `FailedTask`, in order of completion.

        Raises VmafError if the cluster can't run the tasks at all, and KeyboardInterrupt after an
        interrupt. Closing the generator, or an error, cancels running tasks.
        """
        import ray

        try:
            while self._waiting or self._submitted:
                while self._waiting and len(self._submitted) < MAX_SUBMITTED:
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
        """Returns a job's result or `FailedTask`; None if it is to be submitted again."""
        import ray
        from ray import exceptions

        try:
            return ray.get(ref)
        except exceptions.TaskCancelledError:
            raise
        except (exceptions.RuntimeEnvSetupError, exceptions.TaskUnschedulableError) as error:
            raise VmafError(f"the cluster can't run the tasks: {_last_line(error)}") from error
        except exceptions.RayTaskError as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, ImportError):
                raise VmafError(
                    f"a machine of the cluster lacks a module ({cause}); install the same vmaf-py "
                    "on all machines, or pass it with ray.init(runtime_env={'pip': [...]})"
                ) from error
            if isinstance(cause, VmafError):
                raise cause from None
            return self._retry(job, "crashes", _last_line(cause or error))
        except exceptions.WorkerCrashedError:
            return self._retry(job, "crashes", "its process crashed")
        except exceptions.OutOfMemoryError:
            return self._retry(job, "crashes", "its machine ran out of memory")
        except exceptions.RaySystemError as error:
            return self._retry(job, "crashes", _last_line(error))
        except exceptions.RayError:
            return self._retry(job, "losses", "its machine was lost")

    def _retry(self, job: Job[Item], cause: str, reason: str) -> FailedTask | None:
        """Counts a failure of a job. Returns None for a retry, `FailedTask` if none is left.

        `cause` is the name of the counter: "crashes" or "losses".
        """
        count = getattr(job, cause) + 1
        setattr(job, cause, count)
        if count <= getattr(self._retries, cause):
            return None
        return FailedTask(f"failed after {count} {'try' if count == 1 else 'tries'}: {reason}")


class Interrupts:
    """Interrupts (Ctrl-C) as a flag that is checked between calls of Ray. An exception from a signal
    handler inside Ray's native code would abort the process."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def check(self) -> None:
        """Raises KeyboardInterrupt after an interrupt."""
        if self._event.is_set():
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def deferred(self) -> Iterator[None]:
        """Makes SIGINT set the flag. Does nothing if SIGINT is ignored, and in threads other than the
        main one, which receive no signals."""
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
    """A connected cluster, and the number of processors per task."""

    def __init__(self, num_cpus: int | None, is_temporary: bool, interrupts: Interrupts) -> None:
        self.interrupts = interrupts
        """Interrupts since the connection."""
        sizes = [size for size in self._sizes() if size >= 1]
        if num_cpus is None:
            num_cpus = min([MAX_CPUS, *sizes])
        self.num_cpus = num_cpus
        """Processors per task."""
        if num_cpus < 1:
            raise VmafError(f"a task needs at least one processor, not num_cpus={num_cpus}")
        if sizes and num_cpus > max(sizes):
            problem = (
                f"num_cpus={num_cpus} is more than any machine has; the largest has {max(sizes)}"
            )
            if is_temporary:
                raise VmafError(problem)
            # A larger machine may join.
            warnings.warn(f"{problem}; tasks wait until a larger one joins", stacklevel=5)

    def remote(self, function: Callable[..., Any], name: str) -> Any:
        """Returns `function` as a Ray task with this cluster's processors per task."""
        import ray

        # Retries are counted here, so Ray's own are disabled.
        return ray.remote(function).options(num_cpus=self.num_cpus, max_retries=0, name=name)

    def capacity(self) -> int:
        """Returns the number of tasks that can run at once."""
        return sum(size // self.num_cpus for size in self._sizes())

    @staticmethod
    def _sizes() -> list[int]:
        """Returns the number of processors of each machine."""
        import ray

        nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
        alive = [node for node in nodes if node["Alive"]]
        return [int(node["Resources"].get("CPU", 0)) for node in alive]


@contextlib.contextmanager
def open_cluster(address: str | None, num_cpus: int | None) -> Iterator[Cluster]:
    """Connects to a cluster for the duration of a `with` block.

    The cluster is the one that this process is connected to, or else the one at `address`, or in
    RAY_ADDRESS, which Ray sets for its jobs, or a temporary one of this machine alone. Interrupts take
    effect between two calls of Ray.
    """
    interrupts = Interrupts()
    with interrupts.deferred(), _connection(address) as is_temporary:
        interrupts.check()
        yield Cluster(num_cpus, is_temporary, interrupts)
    # Reports an interrupt that came after the last task finished.
    interrupts.check()


@contextlib.contextmanager
def _connection(address: str | None) -> Iterator[bool]:
    """Connects to the cluster at `address`. Yields True if it was started by this call."""
    try:
        import ray
    except ImportError as error:
        raise missing_package("scoring on a cluster", "Ray", "ray") from error
    if ray.is_initialized():
        yield False
        return
    address = address or os.environ.get("RAY_ADDRESS") or "local"
    is_temporary = address == "local"
    options: dict[str, Any] = {"include_dashboard": False} if is_temporary else {}
    try:
        _check_reachable(address)
        ray.init(address, log_to_driver=False, logging_level=logging.WARNING, **options)
    except (OSError, ValueError, RuntimeError) as error:
        raise VmafError(f"there is no cluster at '{address}': {_last_line(error)}") from error
    try:
        yield is_temporary
    finally:
        ray.shutdown()


def _check_reachable(address: str) -> None:
    """Raises OSError if nothing answers at a HOST:PORT; Ray itself would wait for minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdecimal() and "/" not in host:
        socket.create_connection((host.strip("[]"), int(port)), timeout=30).close()


def _last_line(error: BaseException) -> str:
    """Returns the last line of an exception's text, which states the cause."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
