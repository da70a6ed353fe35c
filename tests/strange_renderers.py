"""Renderers that worker processes import, by name; what some do to a process, they do on purpose."""

import gc
import os
import signal
import struct
import time
from collections.abc import Callable
from multiprocessing import parent_process
from multiprocessing.connection import Connection

from markupsafe import Markup

from shortcodes import Converter, Html, OptionError, Shortcode


def marked(shortcode: Shortcode) -> Html:
    return Markup("<b>{}|{}|{}</b>").format(shortcode.title, shortcode.alt, shortcode.source)


def plain_text(shortcode: Shortcode) -> Html:
    return f"<i>{shortcode.name}</i>"  # type: ignore[return-value]  # what is no Html is escaped


class Tagged:
    """A renderer that has a setting of its own."""

    def __init__(self, tag: str) -> None:
        self.tag = tag

    def __call__(self, shortcode: Shortcode) -> Html:
        return Markup("<{0}>{1}</{0}>").format(self.tag, shortcode.name)


def raising(shortcode: Shortcode) -> Html:
    if shortcode.name == "cat":
        raise LookupError("no cats here")
    return Markup("x")


def fails_in_workers(shortcode: Shortcode) -> Html:
    if parent_process() and shortcode.name == "cat":
        raise SystemExit(shortcode.name)
    return Markup("x")


def _on_cat(act: Callable[[], object]) -> Callable[[Shortcode], Html]:
    def render(shortcode: Shortcode) -> Html:
        if shortcode.name == "cat":
            act()
        return Markup("x")

    return render


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_while_it_answers() -> None:
    """Write the beginning of a long answer, and die."""
    (pipe,) = [one for one in gc.get_objects() if type(one) is Connection and not one.closed and one.writable]
    os.write(pipe.fileno(), struct.pack("!i", 1_000_000) + b"x" * 100)
    _die()


killed = _on_cat(_die)
killed_while_answering = _on_cat(_die_while_it_answers)
leaving = _on_cat(lambda: os._exit(9))
sleeping = _on_cat(lambda: time.sleep(3600))
for _name in ("killed", "killed_while_answering", "leaving", "sleeping"):  # by which they travel
    globals()[_name].__qualname__ = _name


def convert_many_within(pipe: "Connection[object, object]") -> None:
    """Convert many posts in this process; say how many there were, or what was wrong."""
    said: list[object] = []
    for workers in (None, 2):
        try:
            said.append(len(list(Converter().convert_many([":wave:" * 100] * 400, workers=workers))))
        except OptionError as error:
            said.append(str(error))
    pipe.send(said)


class Stubborn(Exception):  # noqa: N818  # it is one that is told by its name
    """An error that is made of two things and pickled as one."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what} {why}")


def fail(number: int) -> None:
    if number:
        raise Stubborn("cannot", "be pickled")
    raise KeyError("gone")
