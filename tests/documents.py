"""Random posts for the source door: everything that CommonMark has, with shortcodes wherever they may do harm."""

from random import Random

EMOJI = (
    *(":wave:", ":heart:", ":one:", ":asterisk:", ":hash:", ":copyright:", ":flag-fr:", ":wave::skin-tone-4:", ":+1:"),
    *(":EZLN:", ":pika-pickaxe:", ":RIchard-D-Wolff:", ":wavee:", ":t_rex:", ":family:", ":heart::heart:", ":EZLN::D:"),
)
URLS = (
    "http://x.example",
    "www.x.org.",
    "x.org,",
    "//x.org,",
    "https://x.org/p",
    "mailto:a@b.org",
    "a@b.org!",
    "(x.org)",
)
MARKS = ("*", "**", "_", "__", "***", "~~", "*_", "**_")
_SIGNS = "a word Wörter 你好 9 1. - # + > &amp; &#58; &colon; \\ \\* \\: \\_ snake_case a*b `` `code` `:wave:` <b> !?"
_MORE = ": :: ::: [ ] ( ) ]( | \\| \" ' ... -- 10:30:45 std::key::x a:b x@y.example <https://x.example/:wave:>"
PLAIN = (*_SIGNS.split(), *_MORE.split(), "\u00a0", "\u3000", "\x85", "\u2028", "\x1f")
EMOJI_WRITTEN = ("\\👋", "👋", "❤️", "1️⃣", '![x](/y "emoji EZLN")', "![EZ][]")
WORDS = (*PLAIN, *EMOJI_WRITTEN)


def inline(random: Random, depth: int = 0) -> str:
    """Return a line of inline Markdown."""
    parts: list[str] = []
    for _ in range(random.randint(1, 6)):
        kind = random.random()
        if kind < 0.35:
            part = random.choice(EMOJI)
        elif kind < 0.65 or depth > 3:
            part = random.choice(WORDS)
        elif kind < 0.8:
            mark = random.choice(MARKS)
            part = mark + inline(random, depth + 1) + (mark[::-1] if random.random() < 0.9 else "")
        elif kind < 0.87:
            part = "[{}](/u{})".format(inline(random, depth + 1), random.choice(["", ' ":wave:"', "_:wave:"]))
        elif kind < 0.92:
            part = f"![{alt(random)}](/i.png)"
        elif kind < 0.97:
            part = random.choice(["[{}]", "[{}][]", "[{}][ref]", "[a {}](/b)"]).format(random.choice(LABELS))
        else:
            part = random.choice(["  \n", "\\\n", "\n", " \n  "])
        parts.append(part)
    return random.choice(["", " ", " "]).join(parts)


def alt(random: Random) -> str:
    """Return the description of an image. The engine loses escapes there, so there are no signs that would need one."""
    return " ".join(random.choice((*EMOJI[:3], "word", "`code`", ":EZLN:", ":wavee:")) for _ in range(3))


LABELS = (":wave:", "see :EZLN:", "ref", "x *:heart:*", ":wave: ![:one:](/a)", ":wavee:")


def block(random: Random, depth: int = 0) -> str:
    """Return a block of Markdown."""
    kind = random.random()
    if kind < 0.5 or depth > 3:
        return inline(random)
    if kind < 0.58:
        return "#" * random.randint(1, 6) + " " + inline(random).replace("\n", " ") + random.choice(["", " #", " ##"])
    if kind < 0.62:
        return inline(random) + "\n" + random.choice(["===", "---"])
    if kind < 0.72:
        return "\n".join(
            random.choice(["> ", ">", "> ", ""]) + line for line in document(random, depth + 1).split("\n")
        )
    if kind < 0.84:
        marker = random.choice(["- ", "* ", "1. ", "+   ", "-\t"])
        lines = document(random, depth + 1).split("\n")
        indent = random.choice([" " * len(marker), "\t", ""])
        return "\n".join((indent if i else marker) + line for i, line in enumerate(lines))
    if kind < 0.9:
        columns = random.randint(1, 3)
        rows = [[inline(random).replace("\n", " ") for _ in range(columns)] for _ in range(random.randint(1, 3))]
        rows.insert(1, ["-"] * columns)
        edge = random.choice(["|", ""])
        return "\n".join(edge + "|".join(row) + edge for row in rows)
    if kind < 0.94:
        return random.choice(["```\n{}\n```", "~~~ :wave:\n{}\n~~~", "    {}"]).format(inline(random))
    return random.choice(
        [
            "***",
            "[ref]: /r 'x'",
            "[:wave:]: /w",
            "[see :EZLN:]: /z",
            "[x *:heart:*]:\n  /h",
            "[EZ]: /y 'emoji EZLN'",
            "\u00a0\n:wave:",
            "",
        ]
    )


def document(random: Random, depth: int = 0) -> str:
    """Return a post."""
    separator = random.choice(["\n\n", "\n\n", "\n"])
    return separator.join(block(random, depth) for _ in range(random.randint(1, 3 if depth else 5)))
