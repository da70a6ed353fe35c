"""Hostile posts: what is repeated until a post is full, or a function of its size. Data; tests/test_cost.py reads it.

Each was slow, deep or huge in some engine once, or looks as if. Add one here, and every door and dialect gets it.
"""

from collections.abc import Callable

Pattern = str | Callable[[int], str]
"""A piece to repeat, or what makes a post of some such size."""

DIALECTS = ("commonmark", "gfm", "lemmy", "hexbear", "discourse", "mastodon", "zulip", "mattermost", "cytube")


def pieces(words: str) -> dict[str, Pattern]:
    return {word: word for word in words.split()}


def row(columns: int, cell: str) -> str:
    return "|" + f"{cell}|" * columns + "\n"


def nested(opening: str, inside: str, closing: str) -> Callable[[int], str]:
    """One construct in itself, as often as fits, and closed."""
    return lambda size: (times := size // len(opening + closing)) * opening + inside + times * closing


def deep(opening: str, closing: str, times: int) -> str:
    return opening * times + "a" + closing * times + "\n\n"


def numbered(pattern: str) -> Callable[[int], str]:
    return lambda size: "".join(pattern.format(number) for number in range(100_000, 100_000 + size // len(pattern)))


def steps(line: Callable[[int], str]) -> Callable[[int], str]:
    """Lines that each are one longer than the last."""
    return lambda size: "".join(map(line, range(int((2 * size) ** 0.5))))


def then(opening: str, rest: str) -> Callable[[int], str]:
    return lambda size: opening + rest * (size // len(rest))


# Words of which a few hundred characters took linkify-it-py seconds, minutes or, with `xn--`, years.
ADDRESSES: dict[str, Pattern] = {
    **pieces(
        "=a. $a. a.^ |a. +1. `a.b =www. (a.co/ [a.co/ {a.co/ 'a.co/ \"a.co/ !a.co/ http://a.b/! http://a.b/( http://a.b/["
    ),
    **pieces("http://a.b/? http://a.b/* http://a.b/_a_ http://a.b/' http://a.b/-- http://a.b/:wave: localhost.xn--"),
    **pieces('www.xn-- xn--a. xn--a.b. http://xn--a. a@xn--b. "a@ (a@b a@b. mailto:a@b. ?ftp:a.b 1.1. //a.b! -a. =a.b'),
    **pieces("*(a.co/? \\a(a.co/ ~a.b/ <a.co http://[ http://a.b:1 http://a@ http://%"),
}

# Every dialect gets these: what it does not know is text there, and has to be as quick.
INLINE: dict[str, Pattern] = {
    **pieces(
        "[ ![ [a]( [a](<b [a](b ![a]( [[a] [][ ] ]( []( [a][ [a][b [a][] ![a][ [![ [\\] \\[ [`] [<a]> [a](( [a](\\("
    ),
    **pieces("< <a <!-- <? <! <![CDATA[ <http:// </ <a@ <a@b. <a:b <a@b.c> <a:b> <a= <a='"),
    **pieces("& &a &#1 &#x & &amp; &#0; &#x1f44b; &colon; &aaaaaaaaaaaaaaaa"),
    **pieces(
        "*a *a_ **a **a* _a __a _a* ~~a ~a *a**a *_ *__ **_ ***a a*** *** *** a_ a** **a**b *a*b*c_ *~~ ~~*_ *a~~b_c"
    ),
    **pieces("` `a `` `a`` ``a` \\` \\ \\\\ \\* \\a !\\ ` ~ ~~~ *\\ \\_a"),
    **pieces(
        ": : :a a: :: :a: :wave: ::: :wave:: :nope: :+ :_-+ :é :é:ü: :wave::skin-tone-4: :skin-tone-4: :wave:t2: :1: "
        ":a::"
    ),
    **pieces("\" ' ( ) { } . , ; - + = # | $ ^ % / @ ! ? 0 a"),
    **pieces(
        "你 é \u00df \u0130 \u0301 \u202e \u2066 \u200d \u200b \ufe0f \ufeff \ud83d \udc4b 👋 👩‍💻 \U0001f1e6 👋🏽 "
        "👋a #️⃣ \\*️⃣ \U0010ffff"
    ),
    **pieces("www. :// a:// http:// http://( www.a.b a@b.co @a //a.co a.co/ mailto: ftp://a https:// a@ @ .co"),
    **ADDRESSES,
    **pieces('(c) (tm) -- --- ... +- !!!! ???? ,, \'a \'a" a\' a" *" **"a* "\' \'"'),
    "spaced brackets": "[ ",
    "spaced closing brackets": "] ",
    "spaced links": "[a](b) ",
    "spaced images": "![:wave:](b) ",
    "spaced autolinks": "<http://a.b> ",
    "spaced URLs": "http://a.b/:wave: ",
    "spaced addresses": "a@b.co ",
    "spaced asterisks": "* a",
    "spaced emphasis": "*a* ",
    "spaced openers": "*a ",
    "spaced closers": "a* ",
    "spaced strikes": "~~a ",
    "spaced quotes": "' ",
    "spaced code": "`a` ",
    "spaced backticks": "` `` ``` ",
    "spaced colons": ": ",
    "spaced symbols": "* _ ~ ` ",
    "entities": "&amp; ",
    "breaks": "a  \n",
    "escaped breaks": "a\\\n",
    "short lines": "a\n",
    "words": "word ",
    "emoji": ":wave: ",
    "tones": ":wave::skin-tone-2: ",
    "unknown": ":nope: ",
    "unknown, each another": numbered(":no{}: "),
    "unknown, each another, touching": numbered(":no{}:"),
    "characters of emoji": "👋 ",
    "addresses of a line": "http://a.b/(c) www.d.e/f?g=h&i=j k@l.mn ",
    "descriptions with emoji": "![x " * 18 + ":wave:" + " y](b)" * 18 + "\n\n",
    "descriptions in descriptions": "![" * 18 + "a" + "](b)" * 18 + "\n\n",
    "descriptions that never end": "![:wave: ",
    "images in images": "![" * 12 + "a" + "](b)" * 12 + "\n\n",
    "links in links": deep("[", "](b)", 100),
    "labels in labels": deep("[", "][a]", 100),
    "brackets up to the limit": "[" * 299 + "\n\n",
    "brackets in brackets": deep("[", "]", 149),
    "brackets and code": "[`" * 100 + "]`" * 100 + "\n\n",
    "labels that never end": "[a\n",
    "links whose title never ends": '[a](b "',
    "links whose title never ends, escaped": '[a](b "\\"',
    "links across lines": "[a](\nb\n)",
    "destinations in parentheses": "[a](" + "(" * 40 + "\n\n",
    "emphasis 20 deep": "*a **b " * 10 + "b** a*" * 10 + "\n\n",
    "emphasis across links": "*a [b *c](d) " * 100 + "b* " * 100 + "\n\n",
    "emphasis of three kinds": "*a _b ~~c " * 20 + "d** e__\n\n",
    "emphasis that cannot pair": "*a_ ",
    "emphasis by threes": "a***b** c* ",
    "everything": "*[_`<a:!(&\\~",
    "everything, closed": "*[a](b)_`c`<http://x>**![d](e)~~&amp;:x:",
    "names spelt with tones": ":wave_tone1_tone2_tone3:",
    "names of 128": ":" + "a" * 128,
    "names too long by one": f":{'a' * 129}:",
    "marks": ":\u0301\u0301:",
    "selectors": ":wave\ufe0f:",
    "tags": "\U0001f3f4\U000e0067\U000e0062",
    "ampersands and colons": "&:wave: ",
    "labels that are shortcodes": lambda size: "[:wave:] " * (size // 9) + "\n\n[:wave:]: /w",
    "backtick runs": lambda size: "".join("`" * i + " " for i in range(int((2 * size) ** 0.5))),
    "backtick runs, falling": lambda size: "".join("`" * i + " " for i in range(int((2 * size) ** 0.5), 0, -1)),
    "brackets, then text": then("[" * 299, "x*_`a "),
    "brackets, then emphasis": then("[" * 299, "*a "),
    "brackets among emphasis": lambda size: ("[" + "* " * (size // 600)) * 299,
    "addresses, then text": then("a://" * 299, "x "),
    "emphasis in emphasis": nested("*a ", "", "b*"),
    "strong in strong": nested("**a ", "", "b**"),
    "strikes in strikes": nested("~~a ", "", "b~~"),
    "emphasis in itself": nested("*", "a", "*"),
    "underscores in themselves": nested("_", "a", "_"),
    "links in themselves": nested("[", "a", "](b)"),
    "images in themselves": nested("![", "a", "](b)"),
    "parentheses in a link": lambda size: f"[a]({'(' * (size // 2)}b{')' * (size // 2)})",
    "one long host": lambda size: f"http://{'a' * size}",
    "one long host of many": lambda size: f"http://{'a.' * (size // 2)}",
    "one long path": lambda size: f"http://a.b/{'(' * size}",
    "one long address": lambda size: f"{'a.' * (size // 2)}@b.com",
    "long hosts": lambda size: f"http://{'a' * (size // 260)} " * 249,
    "one long autolink": lambda size: f"<http://{'a' * size}>",
    "one long entity": lambda size: f"&{'a' * size};",
    "one long number": lambda size: f"&#{'1' * size};",
    "one long name": lambda size: f":{'a' * size}:",
    "one long name, never closed": lambda size: f":{'a' * size}",
    "one long destination": lambda size: f"[a]({'b' * size})",
    "one long title": lambda size: f"[a](b '{'&' * size}')",
    "one long label": lambda size: f"[{'a' * size}][{'b' * size}]",
    "one long code": lambda size: f"`{'a ' * (size // 2)}`",
    "one word with a URL": lambda size: "x.org" + ":wave:" * (size // 6),
    "one word before a URL": lambda size: ":wave:" * (size // 6) + "x.org",
    "one URL with ampersands": lambda size: "http://" + "&" * size,
    "international addresses": "www.xn--",
    "one long line of blanks": lambda size: "a" + " " * size + "b",
    "blanks, then a break": lambda size: ("a" + " " * 100 + "\n") * (size // 102),
}

BLOCKS: dict[str, Pattern] = {
    "quotes": "> ",
    "quotes without blanks": ">",
    "quotes with lines": "> a\n",
    "deeper quotes": ">> a\n> ",
    "empty quotes": ">\n",
    "bullets": "- ",
    "numbers": "1. ",
    "empty bullets": "-\n",
    "empty numbers": "1.\n",
    "long numbers": "123456789) a\n",
    "quoted bullets": "> - ",
    "bulleted quotes": "- > ",
    "quotes, bullets and numbers": "> 1. - ",
    "list": "- a\n",
    "loose list": "- a\n\n",
    "nested list": "- a\n  - b\n    - c\n",
    "tasks": "- [ ] a\n",
    "lazy": "> a\nb\n",
    "lazy, in two": "> > a\nb\n",
    "lazy in lists": "- a\nb\n",
    "rules": "***\n",
    "nearly rules": "* " * 99 + "a\n",
    "headings": "# a\n",
    "closed headings": "# # #\n",
    "underlined": "a\n=\n",
    "underlined twice": "a\n-\n-\n",
    "paragraphs": "a\n\n",
    "blank lines": "\n\n",
    "white space": " \t\n",
    "tabs": "\t",
    "tabs in lists": "-\ta\n\t-\tb\n",
    "carriage returns": ":wave:\r\n",
    "code": "    a\n",
    "code in quotes": ">     a\n",
    "fences": "```\n",
    "tilde fences": "~~~ a\n",
    "fences that never match": "```\na\n~~~\n",
    "fences in quotes": "> ```\n",
    "fences in lists": "- ```\n",
    "longer fences": steps(lambda i: "`" * (i + 3) + "\n"),
    "shorter fences": lambda size: "".join("`" * i + "\n" for i in range(int((2 * size) ** 0.5), 2, -1)),
    "html": "<div>\n",
    "comments": "<!-- \n",
    "definitions": "[a]: b\n",
    "definitions with titles": "[a]: b 'c\n",
    "definitions, never ended": "[a]:\n",
    "titles that never end": "[a]: b '\n",
    "titles that never end, in quotes": "> [a]: b\n> '\n",
    "titles in parentheses": "[a]: b (\n",
    "labels across lines": "[a\n]: b\n",
    "escaped labels": "[\\]: b\n",
    "table rows": "| a | b |\n|---|---|\n",
    "table, then text": "|a|\n|-|\nb\n\n",
    "tables of two lines": "|a|\n-|\n",
    "tables cut by headings": "|a|b|c|\n|-|-|-|\n# \n",
    "tables in quotes": f"> {row(40, 'a')}> {row(40, '-')}> |b\n> |b\n\n",
    "tables in lists": f"- {row(40, 'a')}  {row(40, '-')}  |b\n  |b\n",
    "tables without rows": f"{row(40, 'a')}{row(40, '-')}\n",
    "rows of delimiters": "-|-\n",
    "rows of bars": "||||\n",
    "rows of escaped bars": "|a|b|\n|-|-|\n" + "|\\|\\|\\||\n" * 9,
    "rows of code": "|a|b|\n|-|-|\n" + "|`|`|\n" * 9,
    "one row of a table": lambda size: "|:wave:" * (size // 9) + "\n" + "|-" * (size // 9),
    "quotes 19 deep, with lazy lines": "> " * 19 + "a\n" + "b\n" * 20 + "\n",
    "quotes 17 deep, with lazy lines": "> " * 17 + "a\n" + "b\n" * 20 + "\n",
    "quotes 10 deep, with lazy lines": "> " * 10 + "a\n" + "b\n" * 10,
    "quotes 19 deep, one lazy line": "> " * 19 + "a\nb\n\n",
    "lists 8 deep, with lazy lines": "- " * 8 + "a\n" + "b\n" * 20 + "\n",
    "quotes and lists, with lazy lines": "> - " * 5 + "a\n" + "b\n" * 20 + "\n",
    "lazy to the end": lambda size: "> " * 19 + "a\n" + "b\n" * (size // 2),
    "lazy to the end, in lists": lambda size: "- " * 8 + "a\n" + "b\n" * (size // 2),
    "lazy to the end, with bars": lambda size: "> " * 19 + "a\n" + "|\n" * (size // 2),
    "quotes 100 deep": "> " * 100 + "a\n",
    "lists 100 deep": "- " * 100 + "a\n",
    "numbers 100 deep": "1. " * 100 + "a\n",
    "quotes and lists in turn": "> - " * 15 + "a\n",
    "quotes up and down": "".join("> " * i + "a\n" for i in (*range(20), *range(20, 0, -1))),
    "lists up and down": "".join("  " * i + "- a\n" for i in (*range(20), *range(20, 0, -1))),
    "steps of a list": lambda size: "".join(f"{'  ' * i}- a\n" for i in range(int(size**0.5))),
    "steps of quotes": steps(lambda i: f"{'>' * i}a\n"),
    "steps of bars": steps(lambda i: f"{'|' * i}\n"),
    "changing bullets": "- a\n* b\n+ c\n",
    "changing numbers": "1. a\n1) b\n",
    "blank lines in a list": lambda size: "- a\n" + "\n" * size + "  b",
    "blank lines in a quote": then("> a\n", ">\n"),
    "reference bomb": lambda size: f"[a]: /{'u' * (size // 2)}\n\n" + "[a]\n\n" * (size // 10),
    "a title for all": lambda size: f"[a]: b '{'&' * (size // 2)}'\n\n" + "[a]\n\n" * (size // 10),
    "a definition for each": lambda size: "\n".join(f"[a{i}]: b" for i in range(size // 10)),
    "references to many": lambda size: (
        "\n".join(f"[a{i}]: b" for i in range(size // 16)) + "\n\n" + " ".join(f"[a{i}]" for i in range(size // 16))
    ),
    "wide table, short rows": lambda size: "|" * 200 + "\n" + "|-" * 199 + "|\n" + "a\n" * (size // 2),
    "many wide tables": lambda size: ("|" * 60 + "\n" + "|-" * 59 + "|\n" + "a\n" * 40 + "\n") * (size // 300),
    "empty cells": lambda size: row(100, "a") + row(100, "-") + row(100, "") * (size // 101),
    "empty cells in the middle": lambda size: row(30, "a") + row(30, ":-:") + row(30, "") * (size // 31),
    "short rows, escaped": lambda size: row(300, "a") + row(300, "-") + "\\|\n" * (size // 3),
    "links in quotes": lambda size: "> [a](b)\n" * (size // 9),
    "one long line": then("", "word "),
    "one long heading": lambda size: f"# {'#' * size} #",
    "one long rule": lambda size: "- " * (size // 2),
    "one long number of a list": lambda size: "1" * size + ". a",
    "one long fence": lambda size: "`" * size + "\na",
    "one long information": lambda size: f"``` {'a ' * (size // 2)}\n",
    "indented": lambda size: " " * size + "a",
}

LEMMY: dict[str, Pattern] = {
    **pieces("^ ~a ^a a^ ~[ ^[ [^ [^a ~[~[ ^[^[ ^a~b ~\\ ^\\ `^`^ ~<http://a.b> ^a&amp; ~a~ ^a^ ~~~a ~` ^` ~{ ^{"),
    **pieces(
        "{ {| {a| {a|b} {a||} | |} {|} {\\| {a\\ {**a| {[a](b)|c} {`|`} {[ {a|[ {a|b {{ }} {{a|b} {*a|b} {a|*b} {a|`"
    ),
    **pieces("[^1] ^[a] ^[a [^1]: ![](a.mp4) ![](a.mp4 [a^[b]](c) ![^[a]](b) ^[^1] ::: :::: ^[[ ^[] ^[![ ^[*a"),
    **pieces("@a@b.cc !a@b @a @a. /c/a@ !a@b.cc?a=b& @a@b.c.c. @a@a.a.a /u/a@b.c1.c1 /c/ @a@ @a@b. @a-b@"),
    "brackets and subscripts": "~[a",
    "brackets and superscripts": "^a[",
    "openers of four kinds": "~[^[{a|[",
    "spaced subscripts": "~ a",
    "escaped spaces": "^a\\ ",
    "definitions of notes": "[^1]: a\n",
    "definitions in one": "[^1]: [^2]: ",
    "deep definitions": "[^1]: - > a\n",
    "definitions with text": "[^a]: b\n\n    c\n\n",
    "lazy definitions": "[^1]: a\nb\n",
    "definitions, 9 deep, with lazy lines": "[^1]: " * 9 + "a\n" + "b\n" * 20 + "\n",
    "referring blocks": "[^1]\n\n",
    "blocks with notes": "^[a]\n\n",
    "unclosed spoilers": "::: spoiler a\n",
    "ends of spoilers": "::: \n",
    "empty spoilers": "::: spoiler a\n:::\n",
    "spoilers of many lengths": steps(lambda i: ":" * (i + 3) + " spoiler a\n"),
    "quoted spoilers": "> ::: spoiler a\n",
    "listed spoilers": "- ::: spoiler a\n",
    "spoilers in lists": "- ::: spoiler x\n  - ::: spoiler y\n",
    "spoilers in quotes": "> ::: spoiler x\n>> ::: spoiler y\n",
    "spoilers in spoilers": lambda size: "::: spoiler a\n" * (size // 18) + ":::\n" * (size // 18),
    "spoilers, with lazy lines": "> > > ::: spoiler a\n" + "b\n" * 20,
    "titles": "::: spoiler *a*:wave:\n",
    "titles of openers": "::: spoiler *a **b ~~c `d\n",
    "one long title of a spoiler": lambda size: f"::: spoiler {'*a `' * (size // 4)}\n",
    "tables in spoilers": "|a|\n|-|\n::: spoiler x\n",
    "media": "![:wave:](b.mp4)\n\n",
    "emoji images": '![a](/b "emoji wave") ',
    "ruby blocks": "{a|b}\n\n",
    "references to one": lambda size: "[^1]: a\n\n" + "[^1]\n\n" * (size // 6),
    "references in a block": lambda size: "[^1]: a\n\n" + "[^1] " * (size // 5),
    "many notes": lambda size: (
        "".join(f"[^{i}]: a\n" for i in range(size // 20)) + "".join(f"[^{i}] " for i in range(size // 20))
    ),
    "notes in notes": "^[" * 3 + "a" + "]" * 3 + "\n\n",
    "notes, then text": then("^[" * 290, "x*_`a "),
    "subscripts, then text": then("~[" * 290, "x "),
    "deep spoilers": lambda size: "".join(":" * (3 + i % 50) + " spoiler a\n" for i in range(size // 40)),
    "shorter fences of spoilers": lambda size: (
        "".join(":" * (100 - i) + " spoiler a\n" for i in range(90)) + "x\n" * (size // 2)
    ),
    "far bar": lambda size: "{" * (size // 2) + "|" + "a" * (size // 3) + "}",
    "ruby by character": "{" + "漢" * 140 + "|" + "|".join("a" * 140) + "}",
    "quotes on levels": lambda size: "".join("*" * (i % 5) + '"' for i in range(size // 3)),
}

TAGS = ("[b]", "[spoiler]", "[quote]", "[details=a]")
DISCOURSE: dict[str, Pattern] = {
    **pieces("[b] [/b] [b]a[/b] [b][/b] [/b][b] [b [b][i][u][s] [b][i][/b][/i] *[b]a* [spoiler] [/spoiler] [b]["),
    **pieces("@ann @a. @a- #a #a: #a:b #a- #a::tag #a::tagx @a_ #é @ann@ann #a#a"),
    "spaced tags": "[b] ",
    "spaced closing tags": "[/b] ",
    "tags in themselves": nested("[b]", "a", "[/b]"),
    "spoilers within lines": nested("[spoiler]", "a", "[/spoiler]"),
    "tags across emphasis": "*a [b]b* c[/b] ",
    "tags of blocks": "[quote]\n",
    "closing tags of blocks": "[/quote]\n",
    "empty blocks": "[quote]\n[/quote]\n",
    "blocks of one line": "[quote]a[/quote]\n",
    "blocks in themselves": lambda size: "[quote]\n" * (size // 18) + "a\n" + "[/quote]\n" * (size // 18),
    "blocks of three kinds": lambda size: (
        "[quote]\n[spoiler]\n[details=a]\n" * (size // 70) + "[/details]\n[/spoiler]\n[/quote]\n" * (size // 70)
    ),
    "blocks that cross": "[quote]\n[spoiler]\n[/quote]\n[/spoiler]\n",
    "quoted blocks": "> [quote]\n",
    "listed blocks": "- [quote]\n",
    "blocks with lazy lines": "> > [quote]\n" + "b\n" * 20 + "\n",
    "quotations": '[quote="ann, post:2, topic:3"]\na\n[/quote]\n',
    "quotations with many facts": lambda size: f"[quote={'a,' * (size // 2)}]\na\n[/quote]",
    "mentions of 60": "@" + "a" * 60 + " ",
    "hashtags of many parts": "#" + "a-" * 100 + " ",
}
ZULIP: dict[str, Pattern] = {
    **pieces(
        "@** @**a @**a** @_**a** @*a @*a* #** #**a #**a> #**a>b** #**a** #**a>b@1 <time: <time:a <time:a> @**a|1**"
    ),
    **pieces("$$ $$a $$a$$ $a$ $$$ $$a$ $$_ $$a_b$$"),
    "spaced formulas": "$$a$$ ",
    "mentions of 101": "@**" + "a" * 101 + " ",
    "topics of 100": "#**a>" + "a" * 100 + " ",
    "fenced quotes": "```quote\n",
    "fenced quotes, tildes": "~~~ quote\n",
    "fenced spoilers": "```spoiler a\n",
    "fenced quotes, closed": "```quote\na\n```\n",
    "fenced spoilers, closed": "```spoiler *a\nb\n```\n",
    "fences of many lengths": steps(lambda i: "`" * (i + 3) + "quote\n"),
    "fences in fences": lambda size: (
        "".join("`" * i + "quote\n" for i in range(int(size**0.5), 2, -1))
        + "".join("`" * i + "\n" for i in range(3, int(size**0.5)))
    ),
    "fenced quotes with lazy lines": "> > a\n```quote\nb\n",
    "fenced spoilers in quotes": "> ```spoiler a\n",
}
MATTERMOST: dict[str, Pattern] = {
    **pieces("~a ~a. ~a- ~~a @a @a. @a- #aa #aa. #aaa-b #aaa- #1aa ~a~ ~town-square #aaa#"),
    "spaced hashtags": "#aaa ",
    "spaced channels": "~aa ",
    "hashtags of many parts": "#aa" + "-a" * 100 + " ",
}
MASTODON: dict[str, Pattern] = {
    **pieces("@a@b @a@ @a.b @a- #a #1 #a· #·a #a\u200c ＃a #\u0301a @a@b.c. @a@b-"),
    "spaced hashtags": "#aa ",
    "spaced hashtags of digits": "#11 ",
    "hashtags of many parts": "#a" + "·a" * 100 + " ",
    "hashtags of digits": lambda size: "#" + "1" * size,
    "hashtags of dots": lambda size: "#" + "·" * size,
}
CYTUBE: dict[str, Pattern] = {
    **pieces("[sp] [/sp] [sp]a[/sp] [sp][/sp] *[sp] [sp]* *a* _a_ *_a ~~*_a `*_"),
    "spaced spoilers": "[sp]a ",
    "spoilers in themselves": nested("[sp]", "a", "[/sp]"),
    "words alone": "a ",
    "names alone": "EZLN ",
    "words of 129": "a" * 129 + " ",
    "symbols alone": "+ - _ ",
}
OF_DIALECT: dict[str, dict[str, Pattern]] = {
    "lemmy": LEMMY,
    "hexbear": LEMMY,
    "discourse": DISCOURSE,
    "zulip": ZULIP,
    "mattermost": MATTERMOST,
    "mastodon": MASTODON,
    "cytube": CYTUBE,
}

# Where it is a matter of tags, not of Markdown: the HTML door's, and what the source door reads back.
TAGGED: dict[str, Pattern] = {
    **pieces(
        "<a> </a> <a/ <a= <a=' <code> </code> <pre> <script> <style> <!--> <svg> <p/> <textarea> <noscript> <template>"
    ),
    **pieces("</ <a:wave: <!-:wave: &#:wave: &#x:wave: ]]> <plaintext> <a\x00> <script><!--<script>"),
    "tags that never end": "<a :wave: ",
    "quotes in a tag": "<a b=':wave:\"",
    "comments that never end": "<!-- :wave: ",
    "code that never ends": "<code>:wave:",
    "code in code": nested("<code>", ":wave:", "</code>"),
    "scripts that never end": "<script>:wave:</scrip",
    "scripts, nearly ended": "<script></script",
    "titles that never end": "<title>:wave:<",
    "attributes": lambda size: "<a " + "b=c " * (size // 4),
    "attributes without a value": lambda size: "<a " + "b " * (size // 2),
    "attributes, never begun": lambda size: "<a " + "= " * (size // 2),
    "Discord's, almost": "<:xx:12345678901234567> ",
    "images that never end": '<img class="emoji" ',
    "images of emoji": '<img class="emoji" src="a" title=":wave:">',
    "pictures that never end": "<picture><source>",
    "spans of emoji": '<span class="emoji" title=":wave:">',
    "spans that never end": '<span class="icon icon-emoji"><img ',
    "entities of emoji": "&#x1f44b;",
    "escaped emoji images": '![a](/b "emoji wave") ',
    "emphasis of emoji": "**:heart:**x ",
    "emoji in a label": "[👋][:wave:] ",
}

NESTING = (
    *(("> ", ""), (">", ""), ("- ", ""), ("1. ", ""), ("> - ", ""), ("> 1. - ", ""), ("- > ", ""), ("[^1]: ", "")),
    *(
        ("*", "*"),
        ("**", "**"),
        ("_", "_"),
        ("~~", "~~"),
        ("*a **b ", "** *"),
        ("~", "~"),
        ("^", "^"),
        ("*a ~~b _c ", ""),
    ),
    *(
        ("[", "](b)"),
        ("![", "](b)"),
        ("[", "]"),
        ("[![", "](b)](c)"),
        ("[", "][a]"),
        ("^[", "]"),
        ("[a](", ")"),
        ("{", "|b}"),
    ),
    *(("::: spoiler a\n", "\n:::"), ("> ::: spoiler a\n> ", ""), ("- ::: spoiler a\n  ", ""), ("~~~ quote\n", "\n~~~")),
    *(("[quote]\n", "\n[/quote]"), ("[b]", "[/b]"), ("[spoiler]", "[/spoiler]"), ("[sp]", "[/sp]"), ("<b>", "</b>")),
    *(("<code>", "</code>"), ("```python\n", "\n```"), ("(", ")"), ("`", "`"), (":", ":"), ("&amp;", ""), ("|", "|")),
)
"""What opens a construct within itself, and what closes it."""

LANGUAGES = ("python", "c", "csharp", "java", "make", "ini", "bash", "html", "markdown", "typescript", "perl", "ruby")
CODE: dict[str, Pattern] = {
    f"code: {language}, {piece!r}": f"```{language}\n{(piece * 8_000)[:8_000]}\n```\n"
    for language, piece in zip(
        LANGUAGES, ("\n", "a\n", '"\\', "'\\", "a.", "((", "{{", ":", "&", "_", "<a ", "a "), strict=True
    )
}
"""What is coloured, if that is asked for: see also test_hostile_code_is_quick."""

MARKDOWN: dict[str, Pattern] = {**INLINE, **BLOCKS}
"""For every dialect."""
EVERYTHING: dict[str, Pattern] = {
    name: pattern for patterns in (TAGGED, CODE, *OF_DIALECT.values(), MARKDOWN) for name, pattern in patterns.items()
}
"""For every door that is not of a dialect."""


def patterns(dialect: str) -> dict[str, Pattern]:
    """Return what a dialect is tried on: what all have, and what it has."""
    return {**MARKDOWN, **OF_DIALECT.get(dialect, {})}


def post(pattern: Pattern, size: int) -> str:
    """Return a hostile post of that many characters, or somewhat less."""
    return ((pattern * (size // len(pattern) + 1)) if isinstance(pattern, str) else pattern(size))[:size]


PROSE = """\
The committee met on Tuesday at 10:30, and nobody was late: not even Ann, who had the longest way. "It is simple," she
said, "we plant the trees along the river, and then we wait." There was a murmur, then :wave: and laughter.

Most of them *liked* the plan. The map at https://forum.example/maps/river?year=2024 shows where; the **older** one
([see here](https://forum.example/old)) does not. Ask @ann, or read `notes.txt` first.

"""


def prose(size: int) -> str:
    """Return an ordinary post, which the hostile ones are compared with."""
    return post(PROSE, size)
