"""TOML from strangers: to values, or to what is wrong with it, in time and memory that the size bounds."""

import re
from typing import Any

from ..errors import quoted

# A key of n parts costs `tomllib` n² of time and memory: 200 KB of "a.a.a" took all there was. Ours have three.
_MAX_PARTS = 8
_STRING_OR_COMMENT = re.compile(
    r'''
      """ (?: [^"\\]++ | \\. | "(?!"") )*+ (?:""")?     # what is not closed ends with the file, or with the line:
    | \'\'\' (?: [^\']++ | \'(?!\'\') )*+ (?:\'\'\')?          # nothing is looked at twice
    | " (?: [^"\\\n]++ | \\[^\n] )*+ "?
    | ' [^'\n]*+ '?
    | \#[^\n]*+
    ''',
    re.VERBOSE | re.DOTALL,
)
_LONG_KEY = re.compile(rf'(?<![\w\-"])(?:[\w\-"]++[ \t]*+\.[ \t]*+){{{_MAX_PARTS}}}')


def parse_toml(source: bytes) -> dict[str, Any]:
    """Return the document. Raises `ValueError` with a line that says what is wrong, and where."""
    import tomllib  # only readers of packs need it

    try:
        text = source.decode("utf-8-sig")  # editors on Windows write a byte order mark
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise ValueError(f"is not UTF-8 at line {line}; save it as UTF-8") from error
    if _LONG_KEY.search(_STRING_OR_COMMENT.sub('""', text)):
        raise ValueError(f"has a key of more than {_MAX_PARTS} parts; none of a pack's has more than three")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is not valid TOML: {error}{_line(str(error), text)}") from error
    except RecursionError as error:
        raise ValueError("has lists in lists, too deep to read") from error
    except ValueError as error:  # int() refuses
        raise ValueError("has a number of thousands of digits") from error


def _line(error: str, text: str) -> str:
    """Show the line that the parser speaks of."""
    if not (number := re.search(r"at line (\d+)", error)):
        return ""
    line = text.split("\n")[int(number[1]) - 1]
    return f": {quoted(line.strip())}"
