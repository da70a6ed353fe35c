"""SVG to pixels, by resvg, in a process of its own: a drawing of a kilobyte can ask for all the time there is.

An SVG is a program. It may not name anything outside of itself, and gets neither fonts, time nor memory without end.
Nothing runs in resvg, but a browser that opens the file does run its scripts: one that has any is refused, too.
"""

import subprocess
import sys
from xml.parsers import expat

from ..errors import ImageError

SECONDS = 20
"""How long a drawing may take."""
MEMORY = 1 << 30
"""Bytes that the process which draws may have, where the system can hold it to that."""
BYTES = 2 * 1024 * 1024
_DEPTH = 200  # elements in elements; resvg calls itself for each, and a stack that is full ends the process

_MISSING = "is an SVG, and resvg-py, which draws them, is not installed; pip install 'emoji-shortcodes[svg]'"


def draw(content: bytes, box: int) -> bytes:
    """Return a PNG of a drawing, its longer side `box` pixels. Raises `ImageError`, whatever the drawing."""
    if problem := svg_problem(content):
        raise ImageError(problem)
    command = [sys.executable, "-c", f"from {__name__} import main; main()", str(box)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603  # this very program
    except subprocess.TimeoutExpired as error:
        raise ImageError(f"takes more than {SECONDS} seconds to draw; make it simpler") from error
    if done.returncode == _NO_LIBRARY:
        raise ImageError(_MISSING)
    if done.returncode:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())
        reason = said if done.returncode == _REFUSED else "it takes too much memory, or breaks the program that draws"
        raise ImageError(f"cannot be drawn: {reason[:200]}")
    return done.stdout


def svg_problem(content: bytes) -> str | None:
    """Return why a drawing is not even tried, or None."""
    if len(content) > BYTES:
        return f"has {len(content):,} bytes; {BYTES:,} are allowed for an SVG"
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "is an SVG that is not UTF-8; save it as UTF-8"
    return _markup_problem(content)


_ACTIVE = frozenset("script handler listener foreignobject iframe object embed audio video".split())
_XHTML = "http://www.w3.org/1999/xhtml"
_ACTS = "has {}, which may run where it is opened; take it out"


class _RefusedError(Exception):
    """Says what a drawing has that no drawing needs."""


class _Markup:
    """Looks at each piece that a parser finds: a regular expression knows no prefixes, entities and default values."""

    def __init__(self) -> None:
        self._depth = 0

    def start(self, element: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEPTH:
            raise _RefusedError(f"has elements in elements, more than {_DEPTH} deep; draw it anew")
        namespace, _, name = element.rpartition(" ")
        if name.lower() in _ACTIVE or namespace == _XHTML:
            raise _RefusedError(_ACTS.format(f"an element {name[:40]!r}"))
        for attribute, value in attributes.items():
            _check_attribute(attribute.rpartition(" ")[2].lower(), value)

    def end(self, _element: str) -> None:
        self._depth -= 1

    def declare(self, name: str, *rest: object) -> None:
        is_parameter, _, _, where, *_ = rest
        if is_parameter or where:  # browsers put in what it stands for, and this parser does not; or it is elsewhere
            raise _RefusedError(_ACTS.format(f"an entity {name[:40]!r}"))

    def instruct(self, target: str, _: str) -> None:
        if target == "xml-stylesheet":  # XSLT makes any page of it
            raise _RefusedError(_ACTS.format(f"an instruction {target!r}"))


def _check_attribute(name: str, value: str) -> None:
    if name == "href" and not value.strip().startswith(("#", "data:image/")):
        raise _RefusedError(f"refers to {value[:60]!r}, outside of itself; put into it what it shows")
    animated = value.strip().lower() if name == "attributename" else name
    if animated.startswith("on") or (name == "attributename" and animated.endswith("href")):
        raise _RefusedError(_ACTS.format(f"{name[:40]}={value[:40]!r}"))


def _markup_problem(content: bytes) -> str | None:
    """Return what of a drawing runs where it is opened as a page, is elsewhere, or lies too deep; or None."""
    markup = _Markup()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = markup.start
    parser.EndElementHandler = markup.end
    parser.EntityDeclHandler = markup.declare
    parser.ProcessingInstructionHandler = markup.instruct
    try:
        parser.Parse(content, True)
    except _RefusedError as found:
        return str(found)
    except (expat.ExpatError, ValueError, LookupError) as error:  # the last two are of encodings
        return f"cannot be drawn: it is no XML, {error}"
    return None


_REFUSED, _NO_LIBRARY = 3, 4


def main() -> None:
    """Draw what comes in, to what goes out: what the process of its own does."""
    try:
        import resvg_py
    except ImportError:
        sys.exit(_NO_LIBRARY)
    _hold_memory()
    box = int(sys.argv[1])
    try:
        drawn = resvg_py.svg_to_bytes(
            svg_string=sys.stdin.buffer.read().decode("utf-8-sig"),
            width=box,
            height=box,
            skip_system_fonts=True,  # else the same drawing has other letters on another machine
        )
    except Exception as error:  # noqa: BLE001  # whatever it raises becomes one line
        sys.stderr.write(str(error))
        sys.exit(_REFUSED)
    sys.stdout.buffer.write(bytes(drawn))


def _hold_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has none
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
