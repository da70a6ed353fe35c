"""The same work on many things, in as many processes as there are cores."""

import contextlib
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import parent_process
from typing import TypeVar, TypeVarTuple

from ..errors import ImageError

_Arguments = TypeVarTuple("_Arguments")
_Result = TypeVar("_Result")


def in_processes(
    work: Callable[[*_Arguments], _Result], jobs: Iterable[tuple[*_Arguments]], *, workers: int | None = None
) -> Iterator[_Result]:
    """Yield what a function makes of each job, in the order of the jobs, which are made as they are wanted.

    So no more of them are in memory than are being worked on. One worker is no process. Raises what the work raises,
    and `ImageError` if a process dies.
    """
    if (workers := workers or cores()) <= 1:
        yield from (work(*job) for job in jobs)
        return
    from concurrent.futures import Future, ProcessPoolExecutor  # slow to import, and not needed for a few images
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    waiting: deque[Future[_Result]] = deque()
    # Started anew and not forked: a progress bar has threads, and a fork copies their locks as they happen to be.
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=begin)
    try:
        for job in jobs:
            with _held_back():  # a process that is being started does not know yet what Ctrl-C is to it
                waiting.append(pool.submit(work, *job))
            if len(waiting) > workers * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise ImageError("not all images were done: a process was killed, perhaps for want of memory") from error
    finally:
        pool.shutdown(cancel_futures=True)


_AHEAD = 4  # jobs for each worker: none waits for the one who makes them


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on a Mac
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def _held_back() -> Iterator[None]:
    """Let Ctrl-C wait. Processes that are started meanwhile have it wait, too, until `begin` says what it is."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def begin() -> None:
    """Leave Ctrl-C to the process that started this one, and end when that one does, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)
