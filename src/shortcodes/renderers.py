"""One shortcode to HTML. A renderer is a plain function of a `Shortcode`, and the same shortcode always gives the same.

All values of packs are escaped here, and their URLs were checked when the pack came in.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from markupsafe import Markup, escape

from .errors import OptionError
from .tokenizer import Shortcode

Html: TypeAlias = Markup
"""HTML that is safe to put into a page: Jinja and Django do not escape it again."""

Renderer = Callable[[Shortcode], Html]
"""Returns the HTML of a shortcode. Must depend on nothing but its argument, because results are kept."""

ALLOWED_ELEMENTS: Final[Mapping[str, frozenset[str]]] = {
    "img": frozenset(
        {
            *("class", "src", "srcset", "alt", "title", "width", "height", "loading", "decoding", "draggable", "style"),
            *("data-mx-emoticon", "data-original", "data-static"),
        }
    ),
    "picture": frozenset(),
    "source": frozenset({"srcset", "media"}),
    "span": frozenset({"class", "role", "aria-label", "title"}),
}
"""The elements that renderers emit, and their attributes: what a sanitiser (nh3, bleach) behind them has to allow."""

_LAZY = {"loading": "lazy", "decoding": "async", "draggable": "false"}


def standard(shortcode: Shortcode) -> Html:
    """Unicode as characters; images as ``<img class="emoji">``, in a ``<picture>`` with a still frame if animated.

    An image that `pack build` made in two sizes has both, in a ``srcset``.

    Who asked the system for less motion sees the still frame (Media Queries 5, ``prefers-reduced-motion``).
    """
    if not shortcode.url:
        return characters(shortcode)
    twice = {"srcset": f"{_candidate(shortcode.twice_url)} 2x"} if shortcode.twice_url else {}
    image = _image(shortcode, {"class": "emoji"}, {**twice, **_LAZY})
    if not shortcode.static_url:
        return image
    still = _element(
        "source", {"srcset": _candidate(shortcode.static_url), "media": "(prefers-reduced-motion: reduce)"}
    )
    return Html(f"<picture>{still}{image}</picture>")


def labelled(shortcode: Shortcode) -> Html:
    """As `standard`, but Unicode emoji in a ``<span role="img">`` with a label for screen readers that skip emoji."""
    if shortcode.url:
        return standard(shortcode)
    attributes = {"class": "emoji", "role": "img", "aria-label": shortcode.alt, "title": shortcode.title}
    return Html(f"{_element('span', attributes)}{characters(shortcode)}</span>")


def plain(shortcode: Shortcode) -> Html:
    """As `standard`, but an image is only ``<img class="emoji" src alt title width height>``, as feeds need it."""
    return _image(shortcode, {"class": "emoji"}, {}) if shortcode.url else characters(shortcode)


def lemmy(shortcode: Shortcode) -> Html:
    """As Lemmy's own page shows custom emoji: ``span.icon.icon-emoji`` with the title ``emoji name``."""
    if not shortcode.url:
        return characters(shortcode)
    attributes = {"src": shortcode.url, "alt": shortcode.alt, "title": f"emoji {shortcode.emoji.name}"}
    return Html(f'<span class="icon icon-emoji">{_element("img", attributes)}</span>')


def mastodon(shortcode: Shortcode) -> Html:
    """As Mastodon's clients replace custom emoji: ``img.emojione.custom-emoji``, still until hovered."""
    if not shortcode.url:
        return characters(shortcode)
    still = shortcode.static_url or shortcode.url
    names = {"alt": shortcode.title, "title": shortcode.title}
    sources = {"src": still, "data-original": shortcode.url, "data-static": still}
    return _element("img", {"draggable": "false", "class": "emojione custom-emoji"} | names | sources)


def discourse(shortcode: Shortcode) -> Html:
    """As Discourse cooks custom emoji: ``img.emoji.emoji-custom``, 20 pixels wide and high."""
    if not shortcode.url:
        return characters(shortcode)
    names = {"title": shortcode.title, "class": "emoji emoji-custom", "alt": shortcode.title}
    return _element("img", {"src": shortcode.url, **names, "loading": "lazy", "width": "20", "height": "20"})


def zulip(shortcode: Shortcode) -> Html:
    """As Zulip's clients expect: ``span.emoji.emoji-1f44b`` with ``:name:`` in it, which they cover; ``img.emoji``.

    They have no skin tones, so an emoji with one is its characters.
    """
    label = shortcode.emoji.name.replace("_", " ")
    if shortcode.url:
        names = {"alt": shortcode.title, "title": label}
        return _element("img", {"src": shortcode.url, "class": "emoji", **names})
    if shortcode.tones or not shortcode.characters:
        return characters(shortcode)
    code = _codepoints(shortcode.characters.replace("\ufe0f", ""))
    attributes = {"class": f"emoji emoji-{code}", "title": label, "role": "img", "aria-label": label}
    return Html(f"{_element('span', attributes)}{escape(shortcode.title)}</span>")


def mattermost(shortcode: Shortcode) -> Html:
    """As Mattermost's clients style them: ``span.emoticon.emoticon--unicode``; ``img.emoticon`` for custom emoji."""
    if shortcode.url:
        names = {"alt": shortcode.title, "title": shortcode.title}
        return _element("img", {"class": "emoticon", "src": shortcode.url, **names})
    return Html(f'<span class="emoticon emoticon--unicode">{characters(shortcode)}</span>')


def cytube(shortcode: Shortcode) -> Html:
    """As CyTube shows emotes: ``img.channel-emote``, titled by the name, which is also the text if there is none."""
    if not shortcode.url:
        return characters(shortcode)
    name = shortcode.emoji.name
    alt = shortcode.emoji.alt_text(shortcode.locale) or name
    return _element("img", {"class": "channel-emote", "src": shortcode.url, "title": name, "alt": alt})


def matrix(shortcode: Shortcode) -> Html:
    """As MSC2545 wants custom emoji in a message: ``<img data-mx-emoticon>``, 32 pixels high, ``mxc:`` sources."""
    if not shortcode.url:
        return characters(shortcode)
    names = {"alt": shortcode.title, "title": shortcode.title}
    return _element("img", {"data-mx-emoticon": "", "src": shortcode.url, **names, "height": "32"})


def email(shortcode: Shortcode) -> Html:
    """For e-mail, where style sheets are dropped and pictures come at full size: a still image of 20 pixels."""
    if not shortcode.url:
        return characters(shortcode)
    style = "vertical-align:middle;border:0"
    names = {"alt": shortcode.alt, "title": shortcode.title, "width": "20", "height": "20", "style": style}
    return _element("img", {"src": shortcode.static_url or shortcode.url, **names})


def unicode_images(template: str, *, otherwise: Renderer = standard) -> Renderer:
    """Return a renderer that shows Unicode emoji as images too, so that they look the same on every device.

    `template` is a URL with ``{codepoints}``, which becomes ``1f44b-1f3fd``: hexadecimal, joined by hyphens, U+FE0F
    left out except in a ZWJ sequence, as Twemoji names its files.
    """
    return functools.partial(_unicode_image, template, otherwise)  # which travels to other processes


def _unicode_image(template: str, otherwise: Renderer, shortcode: Shortcode) -> Html:
    if shortcode.url or not shortcode.characters:
        return otherwise(shortcode)
    sequence = shortcode.characters
    if "\u200d" not in sequence:
        sequence = sequence.replace("\ufe0f", "")
    source = template.replace("{codepoints}", _codepoints(sequence, digits=1))
    attributes = {"class": "emoji", "src": source, "alt": shortcode.characters, "title": shortcode.title}
    return _element("img", attributes | _LAZY)


def characters(shortcode: Shortcode) -> Html:
    """A Unicode emoji as its characters; an image as ``:name:``, which is what plain text can show."""
    return escape(shortcode.characters or shortcode.title)


RENDERERS: Final[Mapping[str, Renderer]] = {
    "standard": standard,
    "labelled": labelled,
    "plain": plain,
    "lemmy": lemmy,
    "mastodon": mastodon,
    "discourse": discourse,
    "zulip": zulip,
    "mattermost": mattermost,
    "cytube": cytube,
    "matrix": matrix,
    "email": email,
    "characters": characters,
}
"""The presets by name."""


def find_renderer(renderer: Renderer | str) -> Renderer:
    """Return a renderer, or the preset of that name. Raises `OptionError` with the names that there are."""
    if not isinstance(renderer, str):
        return lambda shortcode: escape(renderer(shortcode))  # what is no Html is text, whatever it looks like
    if renderer not in RENDERERS:
        raise OptionError.unknown("renderer", renderer, RENDERERS)
    return RENDERERS[renderer]


def _codepoints(sequence: str, digits: int = 4) -> str:
    return "-".join(f"{ord(character):0{digits}x}" for character in sequence)


def _candidate(url: str) -> str:
    """Return an address as a srcset has it: commas around it would be none of its own, and sanitisers cut at others."""
    return url.replace(",", "%2C")  # HTML, 4.8.4.2.1


def _image(shortcode: Shortcode, before: Mapping[str, str], after: Mapping[str, str]) -> Html:
    emoji = shortcode.emoji
    size = {key: str(value) for key, value in (("width", emoji.width), ("height", emoji.height)) if value}
    names = {"src": shortcode.url or "", "alt": shortcode.alt, "title": shortcode.title}
    return _element("img", {**before, **names, **size, **after})


def _element(tag: str, attributes: Mapping[str, str]) -> Html:
    return Html("<" + tag + "".join(f' {key}="{escape(str(value))}"' for key, value in attributes.items()) + ">")
