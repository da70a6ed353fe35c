"""Pages in a real browser: Chromium, without a window, loads them and says what ran in each, and what is in it.

No driver of browsers is needed: a page on a server of our own loads the others in frames, hooks in each of them watch
(hooks.js), and what they see is posted back. Nothing leaves 127.0.0.1.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from markupsafe import escape

HERE = Path(__file__).parent
SLOTS = 6
SECONDS = 60
"""How long a page may take to answer, before it is loaded once more, alone."""
STANDSTILL = 180
"""Seconds without a single answer, after which the browser is taken for dead."""
NONCE = "of-the-hooks"

# It only reports: what it would stop does run, so the hooks see both the report and what comes of it.
POLICY = (
    f"default-src 'none'; script-src 'nonce-{NONCE}' 'report-sample'; img-src * data: mxc:; media-src * data:; "
    "font-src * data:; style-src * data: 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
# Pictures and films are refused, as what is not there would be: thousands of requests say nothing of what runs.
_REFUSED = "img-src data:; media-src data:; font-src data:"
# What a document may load beside itself; anything else that asks our server for something is a finding.
_LOADED = frozenset({"image", "video", "audio", "font", ""})
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio"),
    *("--disable-background-networking", "--disable-component-update", "--disable-extensions", "--disable-sync"),
    *("--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-breakpad"),
    *("--site-per-process", "--disable-features=Translate,MediaRouter,OptimizationHints"),
    "--host-resolver-rules="
    + ", ".join([*(f"MAP slot{slot}.test 127.0.0.1" for slot in range(SLOTS)), "MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1"]),
)


class Page(NamedTuple):
    """What a frame loads: parts, each in an element of its own and held against a list of its own, or a document."""

    parts: Sequence[tuple[str, str]] = ()
    """The name of a list, and the HTML."""
    document: str = ""
    """With a line `HOOKS` where the hooks go."""
    list: str = ""
    """Of a document."""
    drawing: str = ""
    """An SVG, as a document of its own."""


HOOKS = "<!-- hooks -->"


class Answer(NamedTuple):
    """What was found in a page."""

    seen: tuple[str, ...] = ()
    """What ran, or tried to go elsewhere."""
    off: tuple[str, ...] = ()
    """What is in the DOM and not on the allow-list."""
    silent: bool = False
    """Whether it never answered."""

    @property
    def is_clean(self) -> bool:
        return not (self.seen or self.off or self.silent)


def find_chromium() -> str | None:
    """Return where Chromium is, if it is: the program that ``$CHROMIUM`` names, or the first one on the path."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


def look_at(
    count: int,
    page: Callable[[int], Page],
    allowed: "Mapping[str, Any]",
    *,
    seconds: float = SECONDS,
) -> list[Answer]:
    """Load pages, made when they are asked for, and return what each answered, in their order."""
    chromium = find_chromium()
    assert chromium, "there is no Chromium"
    desk = _Desk(count, page, allowed)
    server = _Server(("127.0.0.1", 0), _handler(desk))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    plan = {"pages": count, "slots": min(SLOTS, count), "seconds": seconds, "port": port}
    address = f"http://127.0.0.1:{port}/driver#{quote(json.dumps(plan))}"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, (Path(profile) / "log").open("wb") as log:
        command = [chromium, *_FLAGS, f"--user-data-dir={profile}", address]
        browser = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            while not desk.done.is_set():
                desk.moved.clear()
                if not desk.moved.wait(STANDSTILL) or browser.poll() is not None:
                    said = (Path(profile) / "log").read_text("utf-8", "replace")[-2000:]
                    raise RuntimeError(f"the browser stands still, or has ended ({browser.poll()}): {said}")
        finally:
            os.killpg(browser.pid, signal.SIGKILL)  # its renderers, too
            browser.wait()
            server.shutdown()
            server.server_close()
    if desk.error:
        raise desk.error
    return desk.results()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: frames go away while they load."""


class _Desk:
    """What the server hands out, and what comes back."""

    def __init__(self, count: int, page: Callable[[int], Page], allowed: Mapping[str, Any]) -> None:
        self.page = page
        lists = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in allowed.items())
        self.hooks = (lists + (HERE / "hooks.js").read_text("utf-8")).encode()
        self.driver = (HERE / "driver.html").read_bytes()
        self.answers: list[Answer | None] = [None] * count
        self.loads: dict[int, Counter[str]] = {}
        self.moved, self.done = threading.Event(), threading.Event()
        self.error: Exception | None = None
        self.drawings: set[int] = set()

    def results(self) -> list[Answer]:
        """Return the answers, with what the server saw added."""
        results = [answer or Answer(silent=True) for answer in self.answers]
        for number, loads in self.loads.items():
            results[number] = results[number]._replace(seen=(*results[number].seen, *sorted(loads)))
        return results

    def written(self, number: int) -> str:
        """Return a page as it is loaded."""
        try:
            page = self.page(number)
            if page.drawing:
                self.drawings.add(number)
        except Exception as error:  # noqa: BLE001  # raised again where the test is
            self.error = self.error or error
            page = Page()
        if page.document:
            assert HOOKS in page.document
            hooks = f'<script nonce="{NONCE}" src="/hooks.js" data-list="{page.list}"></script>'
            return page.document.replace(HOOKS, hooks, 1)
        if page.drawing:
            return with_hooks(page.drawing)
        parts = "".join(
            f'<div data-part="{i}">{html}<i data-end="{i}"></i></div>' for i, (_, html) in enumerate(page.parts)
        )
        lists = escape("|".join(name for name, _ in page.parts))
        return (
            f'<!doctype html><html><head><meta charset="utf-8"><script nonce="{NONCE}" src="/hooks.js"></script></head>'
            f'<body data-parts="{lists}">{parts}</body></html>'
        )


def with_hooks(drawing: str) -> str:
    """Let the hooks into a drawing, as its first element."""
    hooks = f'<script xmlns="http://www.w3.org/2000/svg" nonce="{NONCE}" href="/hooks.js"></script>'
    return re.sub(
        r"(<(?:\w+:)?svg(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>",
        lambda m: f"{m[1]}>{hooks}" + ("</svg>" if m[2] else ""),
        drawing,
        count=1,
    )


def _handler(desk: _Desk) -> type[BaseHTTPRequestHandler]:  # noqa: C901  # a server in one place
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:  # the library's name
            kind, _, rest = urlsplit(self.path).path.strip("/").partition("/")
            if kind == "driver":
                self.give(200, "text/html", desk.driver)
            elif kind == "hooks.js":
                self.give(200, "text/javascript", desk.hooks, ("Cache-Control", "max-age=3600"))
            elif kind == "page" and rest.isdecimal() and self.is_wanted(int(rest)):
                html = desk.written(int(rest)).encode("utf-8", "replace")
                kind = "image/svg+xml" if int(rest) in desk.drawings else "text/html; charset=utf-8"
                reports = ("Content-Security-Policy-Report-Only", POLICY)
                refuses = ("Content-Security-Policy", _REFUSED)
                self.give(200, kind, html, reports, refuses, ("Referrer-Policy", "unsafe-url"))
            else:
                self.note()
                self.give(404, "text/plain", b"")

        def do_POST(self) -> None:  # likewise
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Origin", "").startswith("http://127.0.0.1:") and self.path == "/answers":
                for answer in json.loads(body):
                    silent = answer.get("silent", False)
                    desk.answers[answer["number"]] = Answer(tuple(answer["seen"]), tuple(answer["off"]), silent)
            elif self.headers.get("Origin", "").startswith("http://127.0.0.1:") and self.path == "/done":
                desk.done.set()
            else:
                self.note()
            desk.moved.set()
            self.give(204, "text/plain", b"")

        def is_wanted(self, number: int) -> bool:
            """Tell whether it is the driver that loads a page, not another page."""
            referrer = self.headers.get("Referer", "")
            return number < len(desk.answers) and referrer.startswith("http://127.0.0.1:")

        def note(self) -> None:
            kind = self.headers.get("Sec-Fetch-Dest", "")
            page = urlsplit(self.headers.get("Referer", "")).path.rpartition("/")[2]
            if (self.command != "GET" or kind not in _LOADED) and page.isdecimal() and int(page) < len(desk.answers):
                desk.loads.setdefault(int(page), Counter())[f"loads a {kind or 'thing'} ({self.command})"] += 1

        def give(self, status: int, kind: str, body: bytes, *headers: tuple[str, str]) -> None:
            try:
                self.send_response(status)
                for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), *headers):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # the frame is gone
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            """Say nothing."""

    return Handler
