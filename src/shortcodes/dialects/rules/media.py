"""Video and sound by the syntax of images: ``![description](clip.mp4 "title")``."""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

_ATTRIBUTES = {
    "video": 'width="100%" max-height="100%" controls loop preload="metadata"',
    "audio": 'controls preload="metadata"',
}
_MEDIA = re.compile(
    r"""
    (?: https?: | (?! [a-z][a-z0-9+.-]*: ) )  # no other scheme: who shows media loads it
    .* \. (?: (?P<video> mp4 | m4v | ogv | webm | mpe?g ) | aac | m4a | mp3 | og[ag] | wav )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


def use_media(md: MarkdownIt) -> None:
    """Add media: an image whose address ends like a film's or a recording's is one."""
    md.core.ruler.before("linkify", "media", _find)
    for kind in _ATTRIBUTES:
        md.add_render_rule(kind, _render)


def _find(state: StateCore) -> None:
    for block in state.tokens:
        for token in block.children or []:
            if token.type == "image" and (media := _MEDIA.fullmatch(str(token.attrs["src"]))):
                token.type = token.tag = "video" if media["video"] else "audio"


def _render(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    token = tokens[idx]
    url = escapeHtml(str(token.attrs["src"]))
    title = f' title="{escapeHtml(str(token.attrs["title"]))}"' if "title" in token.attrs else ""
    description = escapeHtml(self.renderInlineAsText(token.children, options, env))
    return (
        f'<{token.tag} src="{url}"{title} {_ATTRIBUTES[token.tag]}>\n'
        f"Your browser does not support playing HTML5 {token.tag}.\n"
        f'You can <a href="{url}" download>download the file</a> instead.'
        + (f"\nHere is a description of the content: {description}" if description else "")
        + f"\n</{token.tag}>"
    )
