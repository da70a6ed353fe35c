"""The engine's loops, made lean: of the rules in their order, only those are asked that can begin with what is there.

What they can begin with is known of the engine's own, and of those that say it (`begins_with`). All others, such as a
plug-in's, are asked everywhere, as the engine asks all. The results are the engine's: tests/test_lean.py compares them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from markdown_it import rules_block, rules_inline
from markdown_it.parser_block import ParserBlock, RuleFuncBlockType
from markdown_it.parser_inline import ParserInline, RuleFuncInline2Type, RuleFuncInlineType
from markdown_it.renderer import RendererHTML
from markdown_it.ruler import Ruler
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from ..dialects.begins import beginnings, begins_with

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_Rule = TypeVar("_Rule", bound=Callable[..., bool])

# From their sources: each returns False at anything else. The rule for code is asked where a line is indented.
_OF_THE_ENGINE: Mapping[Callable[..., object], str] = {
    rules_block.code: "",
    rules_block.fence: "`~",
    rules_block.blockquote: ">",
    rules_block.hr: "*-_",
    rules_block.list_block: "*-+0123456789",
    rules_block.reference: "[",
    rules_block.html_block: "<",
    rules_block.heading: "#",
    rules_inline.linkify: ":",
    rules_inline.newline: "\n",
    rules_inline.escape: "\\",
    rules_inline.backtick: "`",
    rules_inline.strikethrough.tokenize: "~",
    rules_inline.emphasis.tokenize: "*_",
    rules_inline.link: "[",
    rules_inline.image: "!",
    rules_inline.autolink: "<",
    rules_inline.html_inline: "<",
    rules_inline.entity: "&",
    # Those that pair up what has been found
    rules_inline.link_pairs: "",
    rules_inline.strikethrough.postProcess: "",
    rules_inline.emphasis.postProcess: "",
    rules_inline.fragments_join: "",
}
_INDENTED = 4


def begins_like(rule: Callable[..., bool], wrapper: _Rule) -> _Rule:
    """Return what is put around a rule; it can begin with what the rule can."""
    begins = _begins(rule)
    return wrapper if begins is None else begins_with(begins, wrapper)


def _begins(rule: Callable[..., bool]) -> str | None:
    said = beginnings(rule)
    return _OF_THE_ENGINE.get(rule) if said is None else said


class Choice(NamedTuple, Generic[_Rule]):
    """A chain of rules, and which of them to ask."""

    rules: list[_Rule]
    at: Mapping[str, Sequence[_Rule]]
    """By the character that stands there."""
    elsewhere: Sequence[_Rule]


def choose(rules: list[_Rule]) -> Choice[_Rule]:
    """Return which of some rules can begin with each character."""
    begins = [(rule, _begins(rule)) for rule in rules]
    at = {
        character: tuple(rule for rule, some in begins if some is None or character in some)
        for character in {character for _, some in begins for character in some or ()}
    }
    return Choice(rules, at, tuple(rule for rule, some in begins if some is None))


class LeanBlocks(ParserBlock):
    """The block rules of another parser."""

    def __init__(self, rules: ParserBlock) -> None:
        self.ruler: _Interrupting = _Interrupting(rules.ruler)
        self._choice: Choice[RuleFuncBlockType] = choose(self.ruler.getRules(""))

    def tokenize(self, state: StateBlock, startLine: int, endLine: int) -> None:  # noqa: N803  # the engine's names
        """Read lines as blocks: the loop of the engine's `ParserBlock.tokenize`."""
        if self.ruler.getRules("") is not self._choice.rules:  # somebody has added one
            self._choice = choose(self.ruler.getRules(""))
        nesting = state.md.options.maxNesting
        line, has_empty_lines = startLine, False
        while line < endLine:
            state.line = line = state.skipEmptyLines(line)
            if line >= endLine or state.sCount[line] < state.blkIndent:
                break
            if state.level >= nesting:
                state.line = endLine
                break
            self._read_block(state, line, endLine)
            state.tight = not has_empty_lines
            line = state.line
            if line - 1 < endLine and state.isEmpty(line - 1):
                has_empty_lines = True
            if line < endLine and state.isEmpty(line):
                has_empty_lines = True
                line += 1
                state.line = line

    def _read_block(self, state: StateBlock, line: int, end: int) -> None:
        rules, at, elsewhere = self._choice
        if state.sCount[line] - state.blkIndent < _INDENTED:
            asked = at.get(state.src[state.bMarks[line] + state.tShift[line]], elsewhere)
        else:
            asked = rules
        for rule in asked:
            if rule(state, line, end, False):
                break
        else:
            raise RuntimeError("none of the block rules matched")
        if state.line <= line:
            raise RuntimeError("block rule didn't increment state.line")


class _Interrupting(Ruler[RuleFuncBlockType]):
    """The block rules of another ruler. Those that may interrupt something else are asked as one."""

    def __init__(self, ruler: Ruler[RuleFuncBlockType]) -> None:
        super().__init__()
        self.__rules__ = ruler.__rules__
        self._as_one: dict[str, tuple[list[RuleFuncBlockType], list[RuleFuncBlockType]]] = {}

    def getRules(self, chainName: str = "") -> list[RuleFuncBlockType]:  # noqa: N802, N803  # the engine's names
        rules = super().getRules(chainName)
        if not chainName or not rules:
            return rules
        known = self._as_one.get(chainName)
        if known is None or known[0] is not rules:
            known = self._as_one[chainName] = rules, [_one_of(choose(rules))]
        return known[1]


def _one_of(choice: Choice[RuleFuncBlockType]) -> RuleFuncBlockType:
    _, at, elsewhere = choice

    def interrupts(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001  # the engine's signature
        start = state.bMarks[line] + state.tShift[line]
        for rule in at.get(state.src[start : start + 1], elsewhere):  # noqa: SIM110  # any() takes twice as long
            if rule(state, line, end, silent):
                return True
        return False

    return interrupts


class LeanInline(ParserInline):
    """The inline rules of another parser."""

    def __init__(self, rules: ParserInline) -> None:
        super().__init__()
        self.ruler = rules.ruler
        self.ruler2 = rules.ruler2
        self.terminator_re = rules.terminator_re
        self._choice = self._choose()
        self._pairing = self.ruler2.getRules("")
        self._pairs_only = _pair_only(self._pairing)

    def parse(self, src: str, md: "MarkdownIt", env: EnvType, tokens: list[Token]) -> list[Token]:
        """Read a block's text as the engine does; where no rule can begin, it is one token."""
        if not self._is_text(src):
            return super().parse(src, md, env, tokens)
        if src:
            tokens.append(Token("text", "", 0, content=src))
        return tokens

    def _is_text(self, src: str) -> bool:
        """Tell whether no rule can begin anywhere in a block's text."""
        if self.ruler2.getRules("") is not self._pairing:  # somebody has added one
            self._pairing = self.ruler2.getRules("")
            self._pairs_only = _pair_only(self._pairing)
        return self._pairs_only and self._table()[1] == _TEXT and not self.terminator_re.search(src)

    def tokenize(self, state: StateInline) -> None:
        """Read inline markup: the loop of the engine's `ParserInline.tokenize`."""
        at, elsewhere = self._table()
        end, nesting = state.posMax, state.md.options.maxNesting
        while state.pos < end:
            pos = state.pos
            if state.level < nesting:
                for rule in at.get(state.src[pos], elsewhere):
                    if rule(state, False):
                        break
                else:
                    state.append_pending(state.src[pos])
                    state.pos = pos + 1
                    continue
                if state.pos <= pos:
                    raise RuntimeError("inline rule didn't increment state.pos")
            else:
                state.append_pending(state.src[pos])
                state.pos = pos + 1
        if state.pending:
            state.pushPending()

    def skipToken(self, state: StateInline) -> None:  # noqa: N802  # the engine's name
        """Move to the end of a token: the engine's `ParserInline.skipToken`."""
        pos = state.pos
        end = state.cache.get(pos)
        if end is not None:
            state.pos = end
            return
        at, elsewhere = self._table()
        if state.level < state.md.options.maxNesting:
            state.level += 1  # what the rules call is one deeper; no tokens are made
            is_read = any(rule(state, True) for rule in at.get(state.src[pos], elsewhere))
            state.level -= 1
            if not is_read:
                state.pos = pos + 1
            elif state.pos <= pos:
                raise RuntimeError("inline rule didn't increment state.pos")
        else:
            state.pos = state.posMax + 1  # as the engine, where this is not taken for a rule's success
        state.cache[pos] = state.pos

    def _table(self) -> tuple[Mapping[str, Sequence[RuleFuncInlineType]], Sequence[RuleFuncInlineType]]:
        if self.ruler.getRules("") is not self._choice.rules:  # somebody has added one
            self._choice = self._choose()
        return self._choice[1:]

    def _choose(self) -> Choice[RuleFuncInlineType]:
        """Return which rules to ask. That for text reads nothing where it would end."""
        rules, at, elsewhere = choose(self.ruler.getRules(""))
        ends = [character for character in map(chr, range(128)) if self.terminator_re.match(character)]
        without_text = {
            character: tuple(rule for rule in at.get(character, elsewhere) if rule is not rules_inline.text)
            for character in ends
        }
        return Choice(rules, {**at, **without_text}, elsewhere)


_TEXT = (rules_inline.text,)


def _pair_only(rules: list[RuleFuncInline2Type]) -> bool:
    """Tell whether the rules that run at the end do nothing where there is nothing to pair up."""
    return all(beginnings(rule) == "" or rule in _OF_THE_ENGINE for rule in rules)


class LeanRenderer(RendererHTML):
    """The engine's renderer, which spends no time on attributes and rules that a token does not have."""

    def render(self, tokens: Sequence[Token], options: OptionsDict, env: EnvType) -> str:
        """Return the HTML of blocks."""
        out: list[str] = []
        rules = self.rules
        for i, token in enumerate(tokens):
            if token.type == "inline":
                if token.children:
                    out.append(self.renderInline(token.children, options, env))
            elif rule := rules.get(token.type):
                out.append(rule(tokens, i, options, env))
            else:
                out.append(self.renderToken(tokens, i, options, env))
        return "".join(out)

    def renderInline(self, tokens: Sequence[Token], options: OptionsDict, env: EnvType) -> str:  # noqa: N802  # the engine's name
        """Return the HTML of what is in a block."""
        out: list[str] = []
        rules = self.rules
        for i, token in enumerate(tokens):
            rule = rules.get(token.type)
            out.append(rule(tokens, i, options, env) if rule else self.renderToken(tokens, i, options, env))
        return "".join(out)

    def renderToken(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:  # noqa: N802  # likewise
        """Return the HTML of a token that has no rule of its own."""
        token = tokens[idx]
        if token.attrs or token.nesting == 0:
            return super().renderToken(tokens, idx, options, env)
        if token.hidden:
            return ""
        if token.nesting < 0:
            return f"</{token.tag}>\n" if token.block else f"</{token.tag}>"
        if not token.block:
            return f"<{token.tag}>"
        before = "\n" if idx and tokens[idx - 1].hidden else ""
        following = tokens[idx + 1] if idx + 1 < len(tokens) else None
        is_closed = following and following.nesting == -1 and following.tag == token.tag
        if following and (following.type == "inline" or following.hidden or is_closed):
            return f"{before}<{token.tag}>"
        return f"{before}<{token.tag}>\n"
