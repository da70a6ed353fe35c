"""Fetch images from addresses that strangers have written: within limits, and never from a private network.

An address is looked up once, and the connection goes to what was looked up and allowed: a name that leads elsewhere a
moment later (DNS rebinding) leads nowhere. So it is at each redirect. Proxies of the environment are not asked, since
they would look up the name themselves.
"""

import contextlib
import http.client
import ipaddress
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Final, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from ..errors import ImageError, InputError
from ..images.header import is_svg, read_header


class FetchLimits(NamedTuple):
    """How much fetching one image may cost, and how many are fetched at a time."""

    bytes: int = 10 * 1024 * 1024
    seconds: float = 30.0
    """Of one try, from the first packet to the last."""
    redirects: int = 5
    tries: int = 3
    pause: float = 0.5
    """Seconds before the second try; twice that before the third."""
    at_once: int = 8


FETCH_LIMITS: Final = FetchLimits()


class Fetched(NamedTuple):
    """An image that was fetched, or why not."""

    url: str
    content: bytes = b""
    type: str = ""
    """``png``, ``gif``, …, or ``svg``."""
    problem: str = ""


class _GivenUp(Exception):  # noqa: N818  # its text is the problem of a `Fetched`
    """An image that cannot be had, however often it is asked for."""


class _Failed(_GivenUp):
    """An image that may be had if it is asked for again."""


def fetch_images(
    urls: Iterable[str], *, cache: str | None = None, allow_private: bool = False, limits: FetchLimits = FETCH_LIMITS
) -> Iterator[Fetched]:
    """Yield each image once, in the order of the addresses. What cannot be had has a problem, and the others go on.

    With a `cache`, a folder, what was fetched is kept there, whole or in part, and is not asked for again.
    """
    if cache is not None:
        try:
            os.makedirs(cache, mode=0o700, exist_ok=True)
        except OSError as error:
            raise InputError(f"{cache}: cannot be written: {error.strerror or error}") from error
    store = _Store(cache)
    with ThreadPoolExecutor(limits.at_once, "fetch") as workers:
        try:
            yield from workers.map(
                lambda url: _fetch(url, store, limits, allow_private=allow_private), dict.fromkeys(urls)
            )
        except BaseException:
            workers.shutdown(wait=False, cancel_futures=True)
            raise


def _fetch(url: str, store: "_Store", limits: FetchLimits, *, allow_private: bool) -> Fetched:
    if content := store.whole(url):
        with contextlib.suppress(_GivenUp):
            return Fetched(url, content, _type_of(content))
    for number in range(limits.tries):
        try:
            content = _attempt(url, store, limits, allow_private=allow_private)
            found = Fetched(url, content, _type_of(content))
        except _Failed as error:
            problem = f"{error}, {number + 1} times"
            if number + 1 < limits.tries:
                time.sleep(limits.pause * 2**number)
        except _GivenUp as error:
            store.forget(url)
            return Fetched(url, problem=str(error))
        else:
            store.keep(url, content)
            return found
    return Fetched(url, problem=problem)


def _type_of(content: bytes) -> str:
    if is_svg(content):
        from ..images.svg import svg_problem  # slow to import, and few packs need it

        if problem := svg_problem(content):
            raise _GivenUp(f"what is there {problem}")
        return "svg"
    try:
        return read_header(content).type
    except ImageError as error:
        raise _GivenUp(f"what is there {error}") from error


def _attempt(url: str, store: "_Store", limits: FetchLimits, *, allow_private: bool) -> bytes:
    """Follow an address to its bytes. Raises `_GivenUp`, or `_Failed` for what may go better another time."""
    deadline = time.monotonic() + limits.seconds
    where = url
    for _ in range(limits.redirects + 1):
        with _connected(where, deadline, allow_private=allow_private) as connection, _one_error(deadline, limits):
            part = store.part(url)
            headers = {"User-Agent": "emoji-shortcodes", "Accept": "image/*", "Accept-Encoding": "identity"}
            connection.request("GET", _target(where), headers=headers | part.headers())
            response = connection.getresponse()
            if response.status in _REDIRECTS and (location := response.getheader("Location")):
                before, where = where, urljoin(where, location)
                if before.startswith("https:") and where.startswith("http:"):
                    raise _GivenUp("it redirects from https to http")
                continue
            return _body(response, part, limits, deadline)
    raise _GivenUp(f"it redirects more than {limits.redirects} times")


_REDIRECTS = frozenset({301, 302, 303, 307, 308})  # RFC 9110, 15.4
_PARTIAL, _RANGE = 206, 416
_AGAIN = frozenset({408, 425, 429})  # beside all of 5xx
_SERVER = 500
_OK = 200


def _body(response: http.client.HTTPResponse, part: "_Part", limits: FetchLimits, deadline: float) -> bytes:
    _check_status(response.status, part)
    if encoding := response.getheader("Content-Encoding", "").strip().lower().replace("identity", ""):
        raise _GivenUp(f"it comes packed with {encoding[:20]!r}, which was not asked for")
    if response.status == _OK:
        part.clear()
        part.begin(response)
    elif not response.getheader("Content-Range", "").startswith(f"bytes {part.size}-"):
        part.clear()
        raise _Failed("the server sends another part than was asked for")
    whole = None if response.length is None else part.size + response.length
    if whole is not None and whole > limits.bytes:
        raise _GivenUp(f"it has {whole:,} bytes; {limits.bytes:,} are allowed")
    while part.size != whole and (chunk := response.read1(_CHUNK)):
        part.add(chunk)
        if part.size > limits.bytes:
            raise _GivenUp(f"it has more than {limits.bytes:,} bytes")
    if whole is None and _timed_out(deadline):  # the connection was shut by us, which looks like an end
        raise TimeoutError
    if whole is not None and part.size != whole:
        raise _Failed("it is cut off")
    return part.content()


_CHUNK = 64 * 1024


def _check_status(status: int, part: "_Part") -> None:
    if status == _RANGE:
        part.clear()
        raise _Failed("the part that is there already does not fit")
    if status in _AGAIN or status >= _SERVER:
        raise _Failed(f"the server answers {status}")
    if status not in (_OK, _PARTIAL):
        raise _GivenUp(f"the server answers {status}")


def _target(url: str) -> str:
    parts = urlsplit(url)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return path + (f"?{quote(parts.query, safe=_QUERY)}" if parts.query else "")


_QUERY = "/%:@!$&'()*+,;=~-._?"


# Connections.


@contextlib.contextmanager
def _connected(url: str, deadline: float, *, allow_private: bool) -> Iterator[http.client.HTTPConnection]:
    """Connect to the host of an address, at one of the network addresses that it may have."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if _is_number(host) else host.encode("idna").decode()
    except ValueError as error:  # UnicodeError is one
        raise _GivenUp(f"its address is not valid: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise _GivenUp(f"{url[:200]!r} is no address of http or https")
    if parts.username is not None:
        raise _GivenUp("its address has a user's name in it")
    port = port or (443 if parts.scheme == "https" else 80)
    remaining = max(0.001, deadline - time.monotonic())
    found = _look_up(host, port, allow_private=allow_private)
    connection = http.client.HTTPConnection(host, port, timeout=remaining)
    try:
        connection.sock = sock = _open(found, remaining)
        watch = threading.Timer(max(0.001, deadline - time.monotonic()), _shut, (sock,))
        watch.daemon = True
        watch.start()
        try:
            if parts.scheme == "https":
                connection.sock = _context().wrap_socket(sock, server_hostname=host)
            yield connection
        finally:
            watch.cancel()
    except ssl.SSLCertVerificationError as error:
        raise _GivenUp(f"its certificate is not valid: {error.verify_message}") from error
    except OSError as error:
        raise _Failed(_timed_out(deadline) or f"the server cannot be reached: {error.strerror or error}") from error
    finally:
        connection.close()


@contextlib.contextmanager
def _one_error(deadline: float, limits: FetchLimits) -> Iterator[None]:
    """Make one `_Failed` of whatever goes wrong between us and the server."""
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = f"it takes more than {limits.seconds:g} seconds" if _timed_out(deadline) else ""
        raise _Failed(late or f"the server answers in no way that can be read: {type(error).__name__}") from error


def _timed_out(deadline: float) -> str:
    return "it takes too long" if time.monotonic() >= deadline - 0.05 else ""


def _shut(sock: socket.socket) -> None:
    """End a connection whose time is over, wherever its thread waits. A timeout alone begins anew with every byte."""
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _open(found: "list[_Address]", timeout: float) -> socket.socket:
    """Connect to the first address that answers."""
    for number, one in enumerate(found):
        sock = socket.socket(one.family, socket.SOCK_STREAM)
        try:
            sock.settimeout(timeout)
            sock.connect(one.where)
        except OSError:
            sock.close()
            if number + 1 == len(found):
                raise
            continue
        return sock
    raise OSError("there is no address")


class _Address(NamedTuple):
    family: int
    where: tuple[str | int, ...]
    """As sockets take it: the number first, then the port."""


def _look_up(host: str, port: int, *, allow_private: bool) -> list[_Address]:
    """Return the addresses of a host that may be connected to."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _Failed(f"there is no host {host[:80]!r}") from error
    addresses = [_Address(family, (str(where[0]), *where[1:])) for family, _, _, _, where in found]
    allowed = [one for one in addresses if allow_private or is_public(str(one.where[0]))]
    if not allowed:
        raise _GivenUp(f"{host[:80]!r} is in a private network; say --allow-private if that is meant")
    return allowed


def is_public(address: str) -> bool:
    """Tell whether a network address is one of the public internet (RFC 6890), and none that wraps one that is not.

    >>> is_public("93.184.216.34"), is_public("127.0.0.1"), is_public("::ffff:10.0.0.1")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            wrapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
        if ip.is_site_local:
            return False
    return ip.is_global and not ip.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


# What was fetched before.


class _Store:
    """A folder of what was fetched, by the hash of its address; or none."""

    def __init__(self, folder: str | None) -> None:
        self._folder = folder

    def _path(self, url: str, ending: str = "") -> str | None:
        return self._folder and os.path.join(self._folder, sha256(url.encode("utf-8", "replace")).hexdigest() + ending)

    def whole(self, url: str) -> bytes:
        """Return what was fetched from an address, if it was."""
        return _read(self._path(url))

    def keep(self, url: str, content: bytes) -> None:
        """Keep what was fetched."""
        if path := self._path(url):
            _write(path, content)
        self.forget(url)

    def forget(self, url: str) -> None:
        """Take away the parts of what is whole, or cannot be had."""
        for ending in (".part", ".part.json"):
            if path := self._path(url, ending):
                with contextlib.suppress(OSError):
                    os.unlink(path)

    def part(self, url: str) -> "_Part":
        """Return what was fetched so far."""
        return _Part(self._path(url, ".part"))


class _Part:
    """The beginning of an image, and how to ask for the rest of the same (RFC 9110, 13.1.5 and 14.2)."""

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._content = bytearray()
        self._mark = ""
        if content := _read(path):
            with contextlib.suppress(ValueError, TypeError, KeyError):
                self._mark = str(json.loads(_read(f"{path}.json"))["mark"])
            self._content = bytearray(content if self._mark else b"")

    @property
    def size(self) -> int:
        return len(self._content)

    def headers(self) -> dict[str, str]:
        return {"Range": f"bytes={self.size}-", "If-Range": self._mark} if self.size and self._mark else {}

    def begin(self, response: http.client.HTTPResponse) -> None:
        """Note what tells this version of the image from another; without that it cannot be gone on with."""
        etag = response.getheader("ETag", "")
        self._mark = etag if etag.startswith('"') else ""  # a weak one does not vouch for bytes
        if self._path and self._mark:
            _write(f"{self._path}.json", json.dumps({"mark": self._mark}).encode())

    def add(self, chunk: bytes) -> None:
        self._content += chunk
        if self._path and self._mark:
            with contextlib.suppress(OSError), open(self._path, "ab") as file:
                file.write(chunk)

    def clear(self) -> None:
        self._content.clear()
        if self._path:
            with contextlib.suppress(OSError):
                os.unlink(self._path)

    def content(self) -> bytes:
        return bytes(self._content)


def _read(path: str | None) -> bytes:
    try:
        with open(path or "", "rb") as file:
            return file.read()
    except OSError:
        return b""


def _write(path: str, content: bytes) -> None:
    """Write a file so that it is there whole or not at all. A cache that cannot be written is none, and no error."""
    beside = f"{path}.{os.getpid()}.{threading.get_ident()}"
    with contextlib.suppress(OSError):
        with open(beside, "wb") as file:
            file.write(content)
        os.replace(beside, path)
