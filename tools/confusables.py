"""Make the table of look-alikes: ``python tools/confusables.py build/unicode``.

Fetches the pinned package below into the folder, and writes which characters of names look like ASCII letters and
digits, by Unicode's confusables.txt (UTS #39). The same package gives the same bytes.
"""

import hashlib
import json
import subprocess
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "src" / "shortcodes" / "packs" / "confusables.tsv"

# Of the packages that carry confusables.txt as data, the one that is kept up.
PACKAGE = "confusable-homoglyphs==3.3.1"
DIGEST = "84c92cb79dc7f55aa290d0762b2349abd8dee4c16fbe6f99eac978d394e2e6a1"
ASCII_SOURCES = "01Im"  # of ASCII's own letters and digits, those that have a prototype: O, l, l, rn


def fetch(folder: Path) -> Path:
    """Download the pinned wheel, and make sure that it is the one."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), PACKAGE], check=True
    )
    (wheel,) = folder.glob("confusable_homoglyphs-3.3.1-*.whl")
    if (found := hashlib.sha256(wheel.read_bytes()).hexdigest()) != DIGEST:
        sys.exit(f"{wheel} has the digest {found}, not {DIGEST}")
    return wheel


def read_rows(wheel: Path) -> Iterator[tuple[str, str]]:
    """Yield each character that may stand in a name, and what of ASCII it looks like.

    The package lists pairs in both directions; a prototype is never replaced itself, so for a character that is not
    ASCII, what is ASCII is its prototype.
    """
    with zipfile.ZipFile(wheel) as archive:
        pairs = json.loads(archive.read("confusable_homoglyphs/confusables.json"))
    for character in sorted(pairs):
        if len(character) > 1 or unicodedata.category(character)[0] not in "LMN":
            continue
        if character.isascii() and character not in ASCII_SOURCES:
            continue
        shown = [pair["c"] for pair in pairs[character] if pair["c"].isascii() and pair["c"].isalnum()]
        if len(shown) > 1:
            sys.exit(f"{character!r} looks like {shown}: which?")
        yield from ((character, one) for one in shown)


def main(folder: Path) -> None:
    rows = list(read_rows(fetch(folder)))
    lines = ["#character\tlooks like", *("\t".join(row) for row in rows)]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
    print(f"{len(rows)} look-alikes", file=sys.stderr)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
