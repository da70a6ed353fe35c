"""Put a build where it is wanted, in one step: whoever looks sees the old one or the new one, and each is whole.

A filled folder cannot be replaced by a rename. So what is published at ``dist/cats`` is a link to a folder that has the
name of what it was built from, in ``dist/.cats.build``; and that link is replaced by a rename. A zip is one file, and
needs no link. In the hidden folder is also what was made of each image, for the next build. It may be deleted when
nothing is being built, but of a folder's build it holds the files.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple

from ..errors import InputError, ShortcodesError
from ..packs.manifest import read_pack
from ..packs.pack import Content, Pack
from ..packs.write import write_folder, write_zip
from ..whole import errors_of, open_whole

_CACHE, _LOCK, _STAMP, _NEW = "cache", "lock", "stamp", "new"


class Place(NamedTuple):
    """Where a build goes."""

    target: str
    """As it was given."""
    zip: bool
    workshop: str
    """The hidden folder beside it."""

    @property
    def cache(self) -> str:
        """Where what was made of each image is kept."""
        return os.path.join(self.workshop, _CACHE)


@contextlib.contextmanager
def opened(target: str, *, as_zip: bool) -> Iterator[Place]:
    """Open the workshop beside a target, for one build at a time.

    Raises `InputError` if nothing can be published there.
    """
    whole = os.path.abspath(target)
    folder, name = os.path.split(whole)
    place = Place(target, as_zip, os.path.join(folder, f".{name}.build"))
    _check(place)
    try:
        os.makedirs(place.cache, exist_ok=True)
    except OSError as error:
        raise InputError(f"{target}: cannot be written: {error.strerror}") from error
    with errors_of(target), _alone(place):
        _clear(place)
        yield place


def _check(place: Place) -> None:
    target = place.target
    if not os.path.isdir(os.path.dirname(os.path.abspath(target))):
        raise InputError(f"{target}: cannot be written: there is no folder {os.path.dirname(target)}")
    if place.zip:
        if os.path.isdir(target):
            raise InputError(f"{target}: is a folder; name a zip to write")
    elif os.path.islink(target):
        if os.path.dirname(os.path.realpath(target)) != os.path.realpath(place.workshop):
            raise InputError(f"{target}: is a link to something that was not built here; name another folder")
    elif os.path.isdir(target):
        if os.listdir(target):
            raise InputError(f"{target}: is a folder that was not built here; name a new one, or write a zip")
    elif os.path.exists(target):
        raise InputError(f"{target}: is a file; name a folder, or write a zip")


@contextlib.contextmanager
def _alone(place: Place) -> Iterator[None]:
    """Keep a second build of the same target out. The lock goes with the process, however that ends."""
    with open(os.path.join(place.workshop, _LOCK), "wb") as lock:
        try:
            import fcntl
        except ImportError:  # Windows: two at once would both fail or both be whole
            yield
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise InputError(f"{place.target}: is being built by another process; wait for it") from error
        yield


def published(place: Place) -> str | None:
    """Return what the present build was made of, as `publish` was told; None if there is none, or it was changed."""
    with contextlib.suppress(OSError, ValueError, ShortcodesError):  # ValueError: a stamp that is none
        if not place.zip:
            read_pack(place.target)  # all of its files are there
            return os.path.basename(os.readlink(place.target)).partition("-")[0]
        with open(os.path.join(place.workshop, _STAMP), encoding="ascii") as stamp:
            made_of, digest = stamp.read().split()
        if digest == _digest(place.target):
            return made_of
    return None


def publish(place: Place, pack: Pack, files: Mapping[str, Content], made_of: str) -> None:
    """Write a pack and let it take the place of the one that is there. `made_of` is a name for what went into it."""
    new = os.path.join(place.workshop, _NEW)
    if place.zip:
        write_zip(pack, files, new)
        digest = _digest(new)
        os.replace(new, place.target)
        with open_whole(os.path.join(place.workshop, _STAMP)) as stamp:
            stamp.write(f"{made_of} {digest}".encode())
        return
    version = os.path.join(place.workshop, made_of)
    if os.path.isdir(version):  # the present build, which has lost files: it stays until there is a whole one
        version += "-again"
    write_folder(pack, files, version)
    try:
        os.symlink(os.path.relpath(version, os.path.dirname(os.path.abspath(place.target))), new)
        if os.path.isdir(place.target) and not os.path.islink(place.target):
            os.rmdir(place.target)  # it is empty
        os.replace(new, place.target)
    except OSError as error:
        raise InputError(
            f"{place.target}: a link cannot be made here ({error.strerror}); write a zip, and unpack that"
        ) from error
    _clear(place)


def size_of(place: Place) -> int:
    """Return how many bytes are published."""
    if place.zip:
        return os.path.getsize(place.target)
    return sum(
        os.path.getsize(os.path.join(folder, file))
        for folder, _, files in os.walk(os.path.realpath(place.target))
        for file in files
    )


def _clear(place: Place) -> None:
    """Delete what older builds, and those that were killed, have left in the workshop."""
    kept = {_CACHE, _LOCK, _STAMP}
    if os.path.islink(place.target):
        kept.add(os.path.basename(os.readlink(place.target)))
    for name in os.listdir(place.workshop):
        if name in kept:
            continue
        path = os.path.join(place.workshop, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                os.unlink(path)


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
