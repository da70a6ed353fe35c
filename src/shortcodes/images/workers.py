"""The same work on many images, in as many processes as there are cores."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar, TypeVarTuple

from ..errors import ImageError, WorkerError
from ..processes import cores
from ..processes import in_processes as in_any_processes

__all__ = ["cores", "in_processes"]

_Arguments = TypeVarTuple("_Arguments")
_Result = TypeVar("_Result")


def in_processes(
    work: Callable[[*_Arguments], _Result], jobs: Iterable[tuple[*_Arguments]], *, workers: int | None = None
) -> Iterator[_Result]:
    """Yield what a function makes of each job, in the order of the jobs, which are made as they are wanted.

    So no more of them are in memory than are being worked on. One worker is no process. Raises what the work raises,
    and `ImageError` if a process dies.
    """
    try:
        yield from in_any_processes(work, jobs, workers=workers or cores(), finish=True)
    except WorkerError as error:
        raise ImageError("not all images were done: a process was killed, perhaps for want of memory") from error
