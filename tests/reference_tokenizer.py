"""The tokenizer's rule once more, character by character: slow, plain, and held against the fast one."""

import re
import unicodedata

_TONE = re.compile(r":skin-tone-[2-6](?:-[2-6])?:|t[2-6]:")
_URL_END = re.compile(r"[\s<>\"]|&(?:lt;|gt;|quot;|#34;)")


def reference_sources(text: str, boundary: str) -> list[tuple[str, str | None]]:
    """Return the sources of all tokens with the names of the shortcodes among them, neighbouring texts merged."""
    tokens: list[tuple[str, str | None]] = []
    position = after_shortcode = text_start = 0
    while position < len(text):
        if end := _url(text, position):
            position = end
            continue
        found = _shortcode(text, position, after_shortcode, boundary)
        if found is None:
            position += 1
            continue
        name, end = found
        if position > text_start:
            tokens.append((text[text_start:position], None))
        tokens.append((text[position:end], name))
        position = after_shortcode = text_start = end
    if position > text_start:
        tokens.append((text[text_start:], None))
    return tokens


def _url(text: str, position: int) -> int:
    before = text[position - 1] if position else ""
    scheme = text.startswith("://", position) and before.isascii() and (before.isalnum() or before in "+.-") and before
    www = text.startswith("www.", position) and not before.isalnum()
    if not (scheme or www):
        return 0
    end = _URL_END.search(text, position)
    return end.start() if end else len(text)


def _shortcode(text: str, position: int, after_shortcode: int, boundary: str) -> tuple[str, int] | None:
    if text[position] != ":":
        return None
    end = position + 1
    while end < len(text) and _in_name(text[end]):
        end += 1
    name = text[position + 1 : end]
    if not 1 <= len(name) <= 128 or text[end : end + 1] != ":" or not any(map(_letter_or_digit, name)):
        return None
    tone = _TONE.match(text, end + 1)
    end = tone.end() if tone else end + 1
    following = text[end : end + 1]

    if boundary == "loose":
        return name, end
    if boundary == "alone":
        beside = (text[position - 1] if position else " ", following or " ")
        return (name, end) if all(one.isspace() for one in beside) else None
    if boundary == "strict":
        beside = (text[position - 1] if position else "", following)
        return None if any(one == ":" or one.isalnum() for one in beside) else (name, end)

    run = position
    while run > after_shortcode and text[run - 1] == ":":
        run -= 1
    if run != after_shortcode and _ascii_alnum(text[run - 1 : run]):
        return None
    if following.isdecimal():
        return None
    bound = run < position or len(name) == 1 or name.isdecimal()
    return None if bound and _ascii_alnum(following) else (name, end)


def _in_name(character: str) -> bool:
    return character in "_+-" or unicodedata.category(character)[0] in "LM" or character.isalnum()


def _letter_or_digit(character: str) -> bool:
    return character.isalnum()


def _ascii_alnum(character: str) -> bool:
    return character.isascii() and character.isalnum()
