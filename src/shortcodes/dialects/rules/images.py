"""Custom emoji as images: ``![alt](url "emoji name")``, which is how Lemmy's editor puts them into posts."""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict


def use_emoji_images(md: MarkdownIt) -> None:
    """Mark images with such a title, so that style sheets can keep them small."""
    md.add_render_rule("image", _render)


def _render(self: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    image = RendererHTML.image(self, tokens, idx, options, env)
    title = str(tokens[idx].attrs.get("title", ""))
    return f'<span class="icon icon-emoji">{image}</span>' if title.partition(" ")[0] == "emoji" else image
