"""The images of a pack, looked at: what each is, and what is wrong with it, or with two of them together."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ..emoji import Emoji
from ..errors import ImageError, InputError, quoted
from ..packs.check import Finding
from ..packs.diff import Drawing
from ..packs.pack import Content, Pack, is_url
from .compare import SAME, Fingerprint, distance, fingerprint
from .picture import read_picture
from .visible import NEARLY_INVISIBLE, Visibility, visibility
from .workers import cores, in_processes


class Look(NamedTuple):
    """What there is to know of an image file, small enough to be kept for thousands."""

    digest: str
    """SHA-256 of its bytes."""
    bytes: int
    problem: str = ""
    """Why it cannot be used: a predicate. What follows is not known then."""
    type: str = ""
    """``png``, ``apng``, ``gif``, ``webp``, ``jpeg`` or ``avif``."""
    width: int = 0
    """Pixels, as it is seen."""
    height: int = 0
    frames: int = 1
    fingerprint: Fingerprint | None = None
    visibility: Visibility = Visibility(100, 100)


class Sizes(NamedTuple):
    """From where on an image of a forum is too big. What cannot be decoded safely is refused long before."""

    bytes: int = 256 * 1024
    pixels: int = 512
    """Of width and of height."""
    frames: int = 200


SIZES = Sizes()


def look_at(content: bytes, unread: str, name: str) -> Look:
    """Return what there is to know of an image. What is wrong with it, or why it was not read, is a value, too."""
    digest = hashlib.sha256(content).hexdigest()
    if unread:
        return Look(digest, 0, unread)
    try:
        picture = read_picture(content, name=name)
        return Look(
            digest,
            len(content),
            "",
            picture.type,
            picture.width,
            picture.height,
            picture.frames,
            fingerprint(picture),
            visibility(picture),
        )
    except ImageError as error:
        return Look(digest, len(content), str(error))


def look_at_images(pack: Pack, files: Mapping[str, Content], *, workers: int | None = None) -> dict[str, Look]:
    """Return the look of every image of the pack that is among the files, in as many processes as there are cores.

    No more files are in memory than are being looked at. Raises `ImageError` if a process dies.
    """
    wanted = [file for file in dict.fromkeys(_images_of(pack)) if file in files]
    workers = min(workers or cores(), len(wanted) // _WORTH_A_PROCESS)
    looks = in_processes(look_at, ((*_content(files, file), file) for file in wanted), workers=max(workers, 1))
    return dict(zip(wanted, looks, strict=True))


_WORTH_A_PROCESS = 25  # images: one takes some milliseconds, starting a process a few hundred


def _content(files: Mapping[str, Content], file: str) -> tuple[bytes, str]:
    """Return the bytes of a file, or why there are none."""
    try:
        return files[file](), ""
    except InputError as error:
        return b"", str(error)


def _images_of(pack: Pack) -> Iterator[str]:
    for emoji in pack.emoji:
        yield from (file for file in (emoji.image, emoji.static) if file and not is_url(file))


def image_findings(pack: Pack, looks: Mapping[str, Look], sizes: Sizes = SIZES) -> Iterator[Finding]:
    """Yield what is wrong with the images of a pack, having looked at them."""
    remote = sum(emoji.image is not None and is_url(emoji.image) for emoji in pack.emoji)
    if remote:
        message = f"has {remote:,} image{'s' * (remote > 1)} at URLs; what is there was not looked at"
        yield Finding("image-remote", "pack", message)
    for number, emoji in enumerate(pack.emoji):
        for field, file in (("image", emoji.image), ("static", emoji.static)):
            if file and file in looks:
                at = _At(f"emoji[{number}].{field}", emoji, file)
                yield from _file_findings(at, looks[file], sizes)
        if emoji.image and emoji.image in looks and not looks[emoji.image].problem:
            yield from _still_findings(number, emoji, looks)
            yield from _shape_findings(number, emoji, looks[emoji.image])
    yield from _twins(pack, looks)


class _At(NamedTuple):
    """An image in its place."""

    where: str
    emoji: Emoji
    file: str

    def found(self, code: str, message: str) -> Finding:
        return Finding(code, self.where, f"{quoted(self.file)} {message}", self.emoji.name)


def _file_findings(at: _At, look: Look, sizes: Sizes) -> Iterator[Finding]:
    if look.problem:
        yield at.found("image-unreadable", look.problem)
        return
    if look.bytes > sizes.bytes:
        yield at.found("image-bytes", f"has {_kib(look.bytes)}; make it smaller than {_kib(sizes.bytes)}")
    if max(look.width, look.height) > sizes.pixels:
        message = f"is {look.width}×{look.height} pixels; {sizes.pixels} are enough for any emoji"
        yield at.found("image-pixels", message)
    if look.frames > sizes.frames:
        yield at.found("image-frames", f"has {look.frames} frames; use no more than {sizes.frames}")
    for ground, seen in look.visibility._asdict().items():
        if seen < NEARLY_INVISIBLE:
            message = f"can hardly be seen on {ground} ground; give it an outline, or a ground of its own"
            yield at.found(f"image-faint-{ground}", message)


def _still_findings(number: int, emoji: Emoji, looks: Mapping[str, Look]) -> Iterator[Finding]:
    if looks[emoji.image or ""].frames > 1 and not emoji.static:
        message = "is missing; `shortcodes pack build` makes one, for those who want no motion"
        yield Finding("still-missing", f"emoji[{number}].static", message, emoji.name)
    if emoji.static and emoji.static in looks and looks[emoji.static].frames > 1:
        at = _At(f"emoji[{number}].static", emoji, emoji.static)
        yield at.found("still-animated", "is animated; name a still image")


def _shape_findings(number: int, emoji: Emoji, look: Look) -> Iterator[Finding]:
    if not emoji.width or not emoji.height:
        return
    given, seen = emoji.width / emoji.height, look.width / look.height
    if abs(emoji.width - emoji.height * seen) > 1 and abs(emoji.height - emoji.width / seen) > 1 and given != seen:
        yield Finding(
            "image-shape",
            f"emoji[{number}].width",
            f"and height are {emoji.width}×{emoji.height}, the image is {look.width}×{look.height}; write numbers of "
            "the same shape, else it is shown squeezed",
            emoji.name,
        )


def _twins(pack: Pack, looks: Mapping[str, Look]) -> Iterator[Finding]:
    """Compare the images of emoji with one another: first their bytes, then what they look like."""
    first: dict[str, int] = {}
    others: list[tuple[int, Fingerprint]] = []
    for number, emoji in enumerate(pack.emoji):
        look = looks.get(emoji.image or "")
        if look is None or look.fingerprint is None:
            continue
        at = _At(f"emoji[{number}].image", emoji, emoji.image or "")
        if (same := first.setdefault(look.digest, number)) != number:
            message = f"is the image of emoji[{same}] too, {quoted(pack.emoji[same].name)}; make one name an alias"
            yield at.found("image-same", message)
            continue
        if (alike := _alike(look.fingerprint, others)) is not None:
            yield at.found(
                "image-alike", f"looks like {quoted(pack.emoji[alike].image or '')} of emoji[{alike}]; keep one"
            )
        others.append((number, look.fingerprint))


def _alike(mine: Fingerprint, others: list[tuple[int, Fingerprint]]) -> int | None:
    """Return the first that looks the same. The shape alone tells most apart, ten times as fast as `distance`."""
    bits, most = mine.bits, SAME * mine.length
    for number, other in others:
        if (bits ^ other.bits).bit_count() <= most and distance(mine, other) <= SAME:
            return number
    return None


def _kib(size: int) -> str:
    return f"{-(-size // 1024):,} KiB"


def compare(before: Look, after: Look) -> Drawing:
    """Return what became of an image: the same file, the same drawing in another file, or another drawing."""
    if before.digest == after.digest:
        return Drawing("same", 0.0)
    if before.fingerprint is None or after.fingerprint is None:
        return Drawing("redrawn", 1.0)
    apart = distance(before.fingerprint, after.fingerprint)
    return Drawing("saved anew" if apart <= SAME else "redrawn", apart)
