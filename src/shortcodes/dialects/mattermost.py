r"""Mattermost: GitHub's Markdown with line breaks; ``@ann``, ``~town-square`` and ``#hashtag``.

From its sources (https://github.com/mattermost/mattermost): webapp/channels/src/utils/markdown/index.ts and
renderer.tsx (options), text_formatting.tsx (mentions, channels, hashtags), emoticons.tsx (boundary).
"""

from .dialect import Dialect, Mention

_NAME = r"(?P<name> {first} (?: [A-Za-z0-9_]*+ (?: [.\-]++ [A-Za-z0-9_]++ )*+ ) )"
_USER = rf"(?<![A-Za-z0-9_]) @ {_NAME.format(first='[A-Za-z0-9_]')}"
# There, only channels that exist are links. Names may be numbers; `~20` is more often "about twenty".
_CHANNEL = rf"(?<![\w~]) ~ {_NAME.format(first='[A-Za-z]')} (?!~)"
_HASHTAG = r"(?<!\w) \# (?P<name> (?=\w[\w.\-]{2}) [^\W\d_] \w*+ (?: [.\-]++ \w++ )*+ )"

DIALECT = Dialect(
    "mattermost",
    preset="gfm-like",
    linkify=True,
    breaks=True,
    renderer="mattermost",
    tone="",
    mentions=(
        Mention("user", _USER, "mention-link", signs="@"),
        Mention("community", _CHANNEL, "mention-link", signs="~"),
        Mention("tag", _HASHTAG, "mention-link", signs="#"),
    ),
)
