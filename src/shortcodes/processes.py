"""The same work on many things, in processes of their own, its results in the order of the things.

Each process has a pipe of its own to this one, and no lock is shared: so one that is killed, whatever it was doing, is
an end of its pipe here, and the end of this process is an end of theirs. A `ProcessPoolExecutor` waits for ever for the
rest of a result whose process was killed while it wrote it.
"""

import contextlib
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain, islice
from queue import SimpleQueue
from traceback import format_exception
from typing import TYPE_CHECKING, Any, TypeVar, TypeVarTuple

from .errors import OptionError, WorkerError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_Arguments = TypeVarTuple("_Arguments")
_Result = TypeVar("_Result")

_AHEAD = 4
"""Jobs for each worker that are drawn before their results are taken."""
_IN_HAND = 2
"""Jobs that a worker has been given: it begins the second while the result of the first is on its way."""
_LAST_WORDS = 5  # seconds: what has closed its pipe is about to end


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on a Mac
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def most_workers(workers: int | None) -> int:
    """Return how many workers there are to be: by default as many as cores, or one where no process may be started.

    Raises `OptionError` for less than one, and for several in a daemonic process, as `multiprocessing` calls those that
    may not have children.
    """
    if workers == 1:
        return 1
    from multiprocessing import current_process  # slow to import

    daemonic = current_process().daemon
    if workers is None:
        return 1 if daemonic else cores()
    if workers < 1:
        raise OptionError(f"workers is {workers}; give 1 or more, or None for as many as there are cores")
    if workers > 1 and daemonic:
        raise OptionError(f"workers is {workers}, and a daemonic process may start none; give 1, or None")
    return workers


def in_processes(
    work: Callable[[*_Arguments], _Result],
    jobs: Iterable[tuple[*_Arguments]],
    *,
    workers: int,
    fewest: int = 1,
    finish: bool = False,
) -> Generator[_Result, None, None]:
    """Yield what a function makes of each job, in the order of the jobs, which are drawn as they are wanted.

    At most four jobs for each worker are in memory. The function travels to each process, once, by `pickle`, with what
    is bound to it. One worker is no process. `fewest`: how many jobs are worth one.

    Raises what drawing a job raises, or working on it, when all before it has been yielded; and `WorkerError` if a
    process dies. `finish`: whether processes finish what they have begun if nobody wants more, as those have to that
    write files; else they are killed.
    """
    drawn = _drawn(jobs)
    if workers > 1:
        first = [*islice(drawn, max(workers, fewest))]
        drawn = chain(first, drawn)
        if len(first) >= fewest:
            with _crew(work, min(workers, len(first)), finish=finish) as crew:
                yield from _shared(crew, drawn)
            return
    for good, job in drawn:
        if not good:
            raise job
        yield work(*job)


def _drawn(jobs: Iterable[Any]) -> Iterator[tuple[bool, Any]]:
    """Yield each job, as good; at last, if drawing one raises, that error, as not."""
    try:
        for job in jobs:
            yield True, job
    except Exception as error:  # noqa: BLE001  # it is raised in its turn
        yield False, error


@contextlib.contextmanager
def _crew(work: Callable[..., Any], number: int, *, finish: bool) -> Iterator[list["_Worker"]]:
    """Start so many workers, and end them, whatever happens."""
    content = pickle.dumps(work)
    crew: list[_Worker] = []
    owner = os.getpid()
    try:
        while len(crew) < number:
            crew.append(_Worker())
        for worker in crew:  # which are starting together meanwhile
            worker.give(None, content)
        yield crew
    finally:
        if os.getpid() == owner:  # what is forked from it has a copy of all this, and no say
            for worker in crew:
                worker.end(finish=finish)
            for worker in crew:
                worker.process.join()
                worker.process.close()


def _shared(crew: list["_Worker"], jobs: Iterator[tuple[bool, Any]]) -> Iterator[Any]:
    """Share out jobs among workers; yield their results in the order of the jobs."""
    from multiprocessing.connection import wait

    by_pipe = {worker.pipe: worker for worker in crew}
    answers: dict[int, tuple[bool, Any]] = {}
    drawn = wanted = 0
    while True:
        while drawn - wanted < _AHEAD * len(crew) and (idle := min(crew, key=_in_hand)).has_room():
            if (one := next(jobs, None)) is None:
                break
            good, job = one
            if good:
                idle.give(drawn, pickle.dumps(job, pickle.HIGHEST_PROTOCOL))
            else:
                answers[drawn] = one
            drawn += 1
        if wanted == drawn:
            return
        ready = wait([worker.pipe for worker in crew if worker.jobs], 0 if wanted in answers else None)
        for pipe in ready:
            number, answer = by_pipe[pipe].answer()  # type: ignore[index]  # they are ours
            if number is not None:
                answers[number] = answer
        if not ready:
            good, result = answers.pop(wanted)
            wanted += 1
            if not good:
                raise result
            yield result


def _in_hand(worker: "_Worker") -> int:
    return len(worker.jobs)


class _Worker:
    """A process that works, and the numbers of the jobs that it has not answered yet, oldest first."""

    def __init__(self) -> None:
        from multiprocessing import get_context

        # Started anew and not forked: programs have threads, and a fork copies their locks as they happen to be.
        context = get_context("spawn")
        self.jobs: deque[int | None] = deque()
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)  # ends if this one forgets it
        with theirs, _held_back():  # one that is being started does not know yet what Ctrl-C is to it
            try:
                self.process.start()
            except OSError as error:
                raise WorkerError(f"no worker process can be started: {error.strerror or error}") from error

    def has_room(self) -> bool:
        """Tell whether it takes another job."""
        return len(self.jobs) < _IN_HAND

    def give(self, number: int | None, content: bytes) -> None:
        """Give it a job; without a number, the work itself."""
        self.jobs.append(number)
        try:
            self.pipe.send_bytes(content)
        except OSError as error:
            raise self._death() from error

    def answer(self) -> tuple[int | None, tuple[bool, Any]]:
        """Receive the number of its oldest job, whether that was done, and the result or the error."""
        try:
            content = self.pipe.recv_bytes()
        except (EOFError, OSError) as error:
            raise self._death() from error
        number = self.jobs.popleft()
        good, result = pickle.loads(content)  # noqa: S301  # from our own process
        if number is None and not good:
            reason = f"{type(result).__name__}: {result}"
            raise WorkerError(f"a worker process cannot have what it is to work with: {reason}") from result
        return number, (good, result)

    def end(self, *, finish: bool) -> None:
        """Let it end: at once, or when it has done what it has."""
        if finish:
            with contextlib.suppress(OSError):
                self.pipe.send_bytes(b"")
        else:
            self.process.kill()
        self.pipe.close()

    def _death(self) -> WorkerError:
        self.process.join(_LAST_WORDS)
        code = self.process.exitcode or 0
        if code < 0:
            return WorkerError(f"a worker process was killed ({_signal(-code)}), perhaps for want of memory")
        if None in self.jobs and code:
            return WorkerError(
                f"a worker process ended with code {code} when it was started; what it printed says why. It imports"
                " the script that is run, whose work has to stand below 'if __name__ == \"__main__\":'"
            )
        return WorkerError(f"a worker process ended, with code {code}, before its work was done")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@contextlib.contextmanager
def _held_back() -> Iterator[None]:
    """Let Ctrl-C wait. Processes that are started meanwhile have it wait, too, until `_serve` says what it is."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# In the worker.


def _serve(pipe: "Connection[Any, Any]") -> None:
    """Receive the work, then jobs; answer each. Ctrl-C is left to the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    messages: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, messages), daemon=True).start()
    work: list[Callable[..., Any]] = []
    with contextlib.suppress(OSError):  # nobody wants the answer any more
        pipe.send_bytes(_answer(lambda: work.append(pickle.loads(messages.get()))))  # noqa: S301  # from our own process
        while message := messages.get():
            pipe.send_bytes(_answer(lambda: work[0](*pickle.loads(message))))  # noqa: S301  # likewise


def _listen(pipe: "Connection[Any, Any]", messages: "SimpleQueue[bytes]") -> None:
    """Take what comes, so that its sender never waits, up to the empty message that is the last.

    If the sender ends without it, however it ends, so does this process.
    """
    message = b"-"
    while message:
        try:
            message = pipe.recv_bytes()
        except (EOFError, OSError):
            os._exit(1)
        messages.put(message)


def _answer(work: Callable[[], Any]) -> bytes:
    """Do a piece of work; return whether that was done, and its result or its error, pickled."""
    try:
        return pickle.dumps((True, work()), pickle.HIGHEST_PROTOCOL)
    except BaseException as error:  # noqa: BLE001  # it is raised where the result is wanted
        return pickle.dumps((False, portable(error)), pickle.HIGHEST_PROTOCOL)


def portable(error: BaseException) -> BaseException:
    """Return an error as another process can raise it, with a note that says where it was raised.

    One that cannot be pickled, or not be made again, is a `WorkerError` that says what it was.
    """
    where = "".join(format_exception(error))
    try:
        again: BaseException = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    except Exception:  # noqa: BLE001  # strangers' errors fail in every way
        again = WorkerError(f"{type(error).__name__}: {error}")
    again.add_note(f"In a worker process:\n\n{where}")
    return again
