"""GitLab: the custom emoji of a group, as its GraphQL API answers.

The query ``group(fullPath: …) { customEmoji { nodes { id name url external createdAt } } }`` and what may be asked for
are in docs.gitlab.com, "Use custom emoji with GraphQL"; several pages in one file are a list of answers. Names and
limits: gitlabhq ``app/models/custom_emoji.rb`` (NAME_REGEXP, 36 characters, images by a public address alone).
"""

from ..emoji import Emoji
from ..errors import PackError, Problem, quoted
from ..packs.pack import Content
from .entries import address_of, document_of, document_path, draft_of, image_at, read_entries
from .extra import extra_for, kept
from .fields import Field, peek_json, read_json, to_json
from .format import Draft, Format, Rules, Source

_NAME = "gitlab"


def _recognises(source: Source) -> bool:
    path = document_path(source, ".json")
    value = peek_json(source.files[path], "customEmoji", "data") if path else None
    try:
        return bool(_pages(Field(value)))
    except PackError:
        return False


def _read(source: Source) -> Draft:
    path, content = document_of(source, ".json")
    problems: list[Problem] = []
    document = read_json(path, content, problems)
    pages = _pages(document)
    if not pages:
        raise PackError(path, [*_refusals(document), Problem("data", "has no 'customEmoji'; ask for it")])
    problems += _refusals(document)

    def entry(node: Field) -> Emoji:
        image = image_at(node.at("url", "file").text("the address of an image"), path)
        return Emoji(node.at("name").text("a name"), image=image, extra=extra_for(_NAME, node.rest("name", "url")))

    emoji = read_entries((node for page in pages for node in _nodes(page)), entry, problems)
    last = pages[-1].at("pageInfo")
    if not last.is_absent and last.at("hasNextPage").flag():
        problems.append(last.problem("says that there are more pages; ask for those after 'endCursor', too"))
    return draft_of(source, emoji, problems)


def _pages(document: Field) -> list[Field]:
    """Return every ``customEmoji`` connection: of a group, or of whatever else was asked for it, by any alias."""
    answers = document.items() if isinstance(document.value, list) else [document]
    pages = []
    for answer in answers:
        found = answer.at("data")
        for _, owner in [] if found.is_absent else found.members():
            if isinstance(owner.value, dict) and not (page := owner.at("customEmoji")).is_absent:
                pages.append(page)
    return pages


def _nodes(page: Field) -> list[Field]:
    """Return the emoji of a connection, which GraphQL lists as nodes, or as edges to them."""
    edges = page.at("edges")
    return page.at("nodes").items() if edges.is_absent else [edge.at("node") for edge in edges.items()]


def _refusals(document: Field) -> list[Problem]:
    answers = document.items() if isinstance(document.value, list) else [document]
    return [
        error.problem(f"GitLab refused: {quoted(error.at('message').text_or('without a reason'))}")
        for answer in answers
        for error in answer.at("errors").items_if_any()
    ]


def _write(draft: Draft) -> dict[str, Content]:
    written: dict[str, Content] = {}
    nodes = []
    for emoji in draft.pack.emoji:
        if emoji.image:
            table = kept(emoji, _NAME)
            first = {"id": table.pop("id")} if "id" in table else {}
            nodes.append({**first, "name": emoji.name, "url": address_of(draft, emoji.image, written), **table})
    answer = {"data": {"group": {"customEmoji": {"nodes": nodes}}}}
    return {"custom_emoji.json": to_json(answer), **written}


FORMAT = Format(
    _NAME,
    "GitLab, answer of the GraphQL API (docs.gitlab.com/api/graphql/custom_emoji)",
    Rules(name=r"[a-z0-9_-]+", length=(1, 36)),
    _recognises,
    _read,
    _write,
)
