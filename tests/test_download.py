"""Downloads: from a real server, on this machine, that misbehaves in each way that servers do."""

import gzip
import io
import json
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from shortcodes import read_pack
from shortcodes.exchange.download import Fetched, FetchLimits, fetch_images, is_public

QUICK = FetchLimits(bytes=100_000, seconds=1.0, redirects=3, tries=3, pause=0.01)


def picture(kind: str = "PNG") -> bytes:
    output = io.BytesIO()
    Image.effect_noise((60, 60), 90).save(output, kind)
    return output.getvalue()


PNG, GIF = picture(), picture("GIF")


class Server(ThreadingHTTPServer):
    """Counts what it is asked, and how many ask at a time."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: Counter[str] = Counter()
        self.headers_of: dict[str, list[dict[str, str]]] = {}
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.stop = threading.Event()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing about those who hang up."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:  # the library's name
        server, name = self.server, self.path.strip("/").partition("?")[0]
        with server.lock:
            server.asked[name] += 1
            server.headers_of.setdefault(name, []).append(dict(self.headers))
            server.at_once += 1
            server.most_at_once = max(server.most_at_once, server.at_once)
        try:
            getattr(self, f"_{name.partition('.')[0].partition('-')[0]}")(server.asked[name])
        finally:
            with server.lock:
                server.at_once -= 1

    def _answer(self, content: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(content)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def _good(self, _: int) -> None:
        self._answer(PNG)

    def _gif(self, _: int) -> None:
        self._answer(GIF)

    def _missing(self, _: int) -> None:
        self._answer(b"no", 404)

    def _busy(self, asked: int) -> None:
        self._answer(PNG if asked > 1 else b"later", 200 if asked > 1 else 500)

    def _broken(self, _: int) -> None:
        self._answer(b"", 503)

    def _page(self, _: int) -> None:
        self._answer(b"<!doctype html><p>log in</p>", Content_Type="image/png")

    def _exe(self, _: int) -> None:
        self._answer(b"MZ" + bytes(100), Content_Type="image/png")

    def _loop(self, _: int) -> None:
        self._answer(b"", 302, Location="/loop")

    def _hop(self, _: int) -> None:
        self._answer(b"", 301, Location="good.png")

    def _private(self, _: int) -> None:
        self._answer(b"", 302, Location="http://10.0.0.1/x.png")

    def _file(self, _: int) -> None:
        self._answer(b"", 302, Location="file:///etc/passwd")

    def _slow(self, _: int) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.stop.wait(0.05):
            self.wfile.write(b"\x89")

    def _dripping(self, _: int) -> None:
        while not self.server.stop.wait(0.05):
            self.wfile.write(b"H")

    def _silent(self, _: int) -> None:
        self.server.stop.wait(10)

    def _endless(self, _: int) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.stop.is_set():
            self.wfile.write(PNG)

    def _huge(self, _: int) -> None:
        self._answer(PNG, Content_Length="99999999999")

    def _cut(self, _: int) -> None:
        self._answer(PNG[:500], Content_Length=str(len(PNG)))

    def _short(self, _: int) -> None:
        self._answer(PNG, Content_Length="100")

    def _garbage(self, _: int) -> None:
        self.wfile.write(b"what?\r\n\r\n")

    def _bomb(self, _: int) -> None:
        self._answer(gzip.compress(bytes(50 << 20)), Content_Encoding="gzip")

    def _crowd(self, _: int) -> None:
        time.sleep(0.1)
        self._answer(PNG)

    def _resumed(self, asked: int) -> None:
        """Break off in the middle the first time; give the rest to who asks for it."""
        if asked == 1:
            self._answer(PNG[:1000], Content_Length=str(len(PNG)), ETag='"one"')
        elif self.headers.get("Range") == "bytes=1000-" and self.headers.get("If-Range") == '"one"':
            rest = f"bytes 1000-{len(PNG) - 1}/{len(PNG)}"
            self._answer(PNG[1000:], 206, Content_Range=rest, ETag='"one"')
        else:
            self._answer(b"", 400)

    def _changed(self, asked: int) -> None:
        """Break off, and have another picture by then."""
        if asked == 1:
            self._answer(PNG[:1000], Content_Length=str(len(PNG)), ETag='"one"')
        else:
            self._answer(GIF, ETag='"two"')

    def _wrong(self, asked: int) -> None:
        """Break off, and send a part that was not asked for."""
        if asked == 1:
            self._answer(PNG[:1000], Content_Length=str(len(PNG)), ETag='"one"')
        elif self.headers.get("Range"):
            self._answer(PNG[5:], 206, Content_Range=f"bytes 5-{len(PNG) - 1}/{len(PNG)}")
        else:
            self._answer(PNG)

    def _packs(self, _: int) -> None:
        self._answer(b"[]")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield running
        running.stop.set()
        running.shutdown()
        thread.join()


def address(server: Server, name: str, host: str = "127.0.0.1") -> str:
    return f"http://{host}:{server.server_port}/{name}"


def fetch(server: Server, *names: str, **options: Any) -> list[Fetched]:
    settings: dict[str, Any] = {"allow_private": True, "limits": QUICK} | options
    return list(fetch_images([address(server, name) for name in names], **settings))


def test_good_ones_come_in_their_order_and_each_once(server: Server) -> None:
    found = fetch(server, "good.png", "gif", "hop", "good.png", "busy")
    assert [(one.url.rpartition("/")[2], one.type, one.problem) for one in found] == [
        *(("good.png", "png", ""), ("gif", "gif", ""), ("hop", "png", ""), ("busy", "png", "")),
    ]
    assert [one.content for one in found] == [PNG, GIF, PNG, PNG]
    assert (server.asked["gif"], server.asked["busy"]) == (1, 2)


BAD = {
    "missing": ("the server answers 404", 1),
    "broken": ("the server answers 503, 3 times", 3),
    "page": ("what is there is a page or other markup; write a PNG, APNG, GIF, WebP, JPEG or AVIF", 1),
    "exe": ("what is there is not an image that we know", 1),
    "loop": ("it redirects more than 3 times", 4),
    "file": ("'file:///etc/passwd' is no address of http or https", 1),
    "slow": ("it takes more than 1 seconds, 1 times", 1),
    "dripping": ("it takes more than 1 seconds, 1 times", 1),
    "silent": ("it takes more than 1 seconds, 1 times", 1),
    "endless": ("it has more than 100,000 bytes", 1),
    "huge": ("it has 99,999,999,999 bytes; 100,000 are allowed", 1),
    "cut": ("it is cut off, 3 times", 3),
    "short": ("what is there is cut off", 1),
    "garbage": ("the server answers in no way that can be read: BadStatusLine, 3 times", 3),
    "bomb": ("it comes packed with 'gzip', which was not asked for", 1),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_ones_are_one_line_each_and_soon(name: str, server: Server) -> None:
    problem, asked = BAD[name]
    limits = QUICK._replace(tries=1) if "1 seconds" in problem else QUICK
    begin = time.monotonic()
    (found,) = fetch(server, name, limits=limits)
    assert found.problem.startswith(problem)
    assert found.content == b""
    assert server.asked[name] == asked
    assert time.monotonic() - begin < 4


def test_a_bad_one_does_not_hold_up_the_others(server: Server) -> None:
    found = fetch(server, "missing", "good.png", "page", "gif")
    assert [bool(one.problem) for one in found] == [True, False, True, False]


def test_private_networks_are_refused(server: Server) -> None:
    names = ["127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "127.1"]
    urls = [address(server, "good.png", host) for host in names]
    urls += ["http://169.254.169.254/latest", "http://192.168.0.1/", "http://[fe80::1]/", "http://224.0.0.1/"]
    for found in fetch_images(urls, limits=QUICK._replace(tries=1)):
        assert "is in a private network; say --allow-private if that is meant" in found.problem or (
            "there is no host" in found.problem  # some systems do not read numbers as others do
        )
    assert server.asked == {}


def test_a_redirect_to_a_private_network_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first host is taken for a public one, by a name that leads to this server."""
    ours = "127.0.0.1"
    monkeypatch.setattr("shortcodes.exchange.download.is_public", lambda found: found == ours)
    (found,) = fetch_images([address(server, "private")], limits=QUICK)
    assert found.problem == "'10.0.0.1' is in a private network; say --allow-private if that is meant"
    assert server.asked["private"] == 1


def test_a_name_is_looked_up_once_and_what_was_checked_is_connected_to(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: a public address when it is checked, a private one when it is connected to."""
    answers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    asked, connected = [], []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    def connect(_: socket.socket, where: Any) -> None:
        connected.append(where[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket.socket, "connect", connect)
    (found,) = fetch_images([address(server, "good.png", "rebinding.example")], limits=QUICK._replace(tries=1))
    assert (asked, connected) == (["rebinding.example"], ["93.184.216.34"])
    assert found.problem.startswith("the server cannot be reached")


@pytest.mark.parametrize(
    ("ip", "public"),
    [
        *(("8.8.8.8", True), ("2606:4700::1111", True), ("10.1.2.3", False), ("100.64.0.1", False), ("0.0.0.0", False)),
        *(("224.0.0.1", False), ("255.255.255.255", False), ("169.254.169.254", False), ("::", False), ("::1", False)),
        *(("fe80::1%eth0", False), ("fc00::1", False), ("fec0::1", False), ("ff02::1", False)),
        *(("::ffff:192.168.0.1", False), ("64:ff9b::7f00:1", False), ("64:ff9b::808:808", True)),
        *(("2002:7f00:1::", False), ("2002:808:808::", True)),
    ],
)
def test_public_addresses(ip: str, public: bool) -> None:  # noqa: FBT001  # a case's value
    assert is_public(ip) is public


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("ftp://quay.example/x.png", "is no address of http or https"),
        ("mxc://quay.example/abc", "is no address of http or https"),
        ("http://", "is no address of http or https"),
        ("http://a:99999/x.png", "its address is not valid"),
        ("http://[::1/x.png", "its address is not valid"),
        (f"http://{'a' * 70}.example/", "its address is not valid"),
        ("http://user:secret@quay.example/x.png", "its address has a user's name in it"),
    ],
)
def test_addresses_that_are_none(url: str, problem: str) -> None:
    (found,) = fetch_images([url], limits=QUICK._replace(tries=1))
    assert problem in found.problem
    assert "secret" not in found.problem


def test_at_most_eight_at_a_time(server: Server) -> None:
    found = fetch(server, *(f"crowd-{number}" for number in range(24)))
    assert not any(one.problem for one in found)
    assert 1 < server.most_at_once <= 8


def test_a_certificate_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = f"req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout {key} -out {cert}"
    try:
        subprocess.run(["openssl", *command.split()], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl makes the certificate")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as listening:
        listening.handle_error = lambda *_: None  # type: ignore[method-assign]  # the client hangs up, and should
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        url = f"https://localhost:{listening.server_address[1]}/x.png"
        (found,) = fetch_images([url], allow_private=True, limits=QUICK)
        listening.shutdown()
        thread.join()
    assert found.problem.startswith("its certificate is not valid: self-signed certificate")


# The cache.


def test_what_was_fetched_is_not_fetched_again(server: Server, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    for _ in range(2):
        assert [bool(one.problem) for one in fetch(server, "good.png", "missing", cache=cache)] == [False, True]
    assert server.asked == {"good.png": 1, "missing": 2}
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(PNG[:30])  # broken since: it is fetched again
    assert fetch(server, "good.png", cache=cache)[0].content == PNG


@pytest.mark.parametrize(("name", "content", "asked"), [("resumed", PNG, 2), ("changed", GIF, 2), ("wrong", PNG, 3)])
def test_what_broke_off_is_gone_on_with(name: str, content: bytes, asked: int, server: Server, tmp_path: Path) -> None:
    cache = str(tmp_path / "cache")
    (first,) = fetch(server, name, cache=cache, limits=QUICK._replace(tries=1))
    assert first.problem == "it is cut off, 1 times"
    (second,) = fetch(server, name, cache=cache)
    assert (second.content, second.problem) == (content, "")
    assert server.asked[name] == asked
    assert len(list((tmp_path / "cache").iterdir())) == 1


# At the command line.


def run(*arguments: str, cwd: Path) -> tuple[int, list[str]]:
    command = [sys.executable, "-c", "from shortcodes.cli import main; main()", "pack", "import", *arguments]
    done = subprocess.run(command, capture_output=True, cwd=cwd, check=False)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, done.stderr.decode().splitlines()


def listed(server: Server, folder: Path, *names: str) -> None:
    rows = [{"shortcode": name, "url": address(server, name), "static_url": address(server, name)} for name in names]
    (folder / "list.json").write_text(json.dumps(rows))


def test_import_with_downloads(server: Server, tmp_path: Path) -> None:
    listed(server, tmp_path, "good", "gif", "missing")
    code, said = run("list.json", "-o", "pack", "--download", cwd=tmp_path)
    assert (code, said[-1]) == (1, "pack: 3 emoji imported from mastodon, 3 not downloaded")
    assert server.asked == {}

    (tmp_path / "pack" / "pack.toml").unlink()
    (tmp_path / "pack").rmdir()
    code, said = run("list.json", "-o", "pack", "--download", "--allow-private", cwd=tmp_path)
    url = address(server, "missing")
    assert (code, said) == (
        1,
        [
            f"'{url}': is not downloaded, and stays an address: the server answers 404",
            "pack: 3 emoji imported from mastodon, 1 not downloaded",
        ],
    )
    pack = read_pack(tmp_path / "pack")
    assert [one.image for one in pack.emoji] == ["good.png", "gif.gif", url]
    assert (tmp_path / "pack" / "good.png").read_bytes() == PNG
    assert sorted(one.name for one in tmp_path.iterdir()) == ["list.json", "pack", "pack.downloads"]

    listed(server, tmp_path, "good", "gif")
    code, said = run("list.json", "-o", "again", "--download", "--allow-private", cwd=tmp_path)
    assert (code, said) == (0, ["again: 2 emoji imported from mastodon"])
    assert not (tmp_path / "again.downloads").exists()


def test_without_being_asked_nothing_is_fetched(server: Server, tmp_path: Path) -> None:
    listed(server, tmp_path, "good")
    code, said = run("list.json", "-o", "pack", cwd=tmp_path)
    assert (code, said) == (0, ["pack: 1 emoji imported from mastodon"])
    assert read_pack(tmp_path / "pack").emoji[0].image == address(server, "good")
    assert server.asked == {}
