"""Hints about characters: quotes of every kind, placeholders, what a shell, an editor or a merge left behind."""

from __future__ import annotations

import re
import unicodedata

from mig_lsp.core.change import Edit
from mig_lsp.core.sql.hints.faulty import Faulty, Hint
from mig_lsp.core.sql.lexer import Kind
from mig_lsp.core.text import Span

_MARKER = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?![<=>|])[^\r\n]*", re.M)
_INVISIBLE = re.compile("[\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u3000\ufeff]")
_CURLY = str.maketrans({"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "‚": "'"})
_CURLY_SIGN = re.compile("[“”„‘’‚]")
_WORD = re.compile(r"[a-z_][a-z0-9_$]*")
_PLACEHOLDER = re.compile(
    r"\$\{[^{}\s]{0,80}\}|\{\{[^{}\r\n]{0,80}\}\}|\{[A-Za-z_][\w.]{0,80}\}|%\(\w{1,80}\)s|%s|%L|%I|:'?\w+'?|:\"\w+\"|\?"
)


def conflict_marker(faulty: Faulty) -> Hint | None:
    """`<<<<<<< HEAD` and its like."""
    for match in _MARKER.finditer(faulty.code):
        if match.start() <= faulty.fault.offset <= match.end():
            place = Span(match.start(), match.start() + len(match.group().rstrip()))
            return Hint("a merge left this behind: keep one side and delete the marker lines", place=place)
    return None


def quote_in_string(faulty: Faulty) -> Hint | None:
    """`'it's'`."""
    unterminated = faulty.fault.message.startswith("unterminated quoted string")
    for index in range(len(faulty.tokens) if unterminated else faulty.index + 1):
        if faulty.kind(index) is not Kind.STRING or faulty.kind(index + 1) is not Kind.WORD:
            continue
        end = faulty.tokens[index].end
        if end != faulty.tokens[index + 1].start or not (unterminated or index + 1 == faulty.index):
            continue
        string, word = faulty.text(index), faulty.text(index + 1)
        edit = Edit(Span(end, end), "'")
        text = f"the string {_short(string)} ends before {_short(word)}: write a quote inside a string twice"
        mended = faulty.mended(edit)
        return Hint(text, "Double the quote" if mended else "", (edit,) if mended else (), place=faulty.span(index + 1))
    return None


def unterminated(faulty: Faulty) -> Hint | None:
    """A quote, dollar quote or comment that is never closed, shown where it begins."""
    broken = next((token for token in faulty.tokens if token.kind is Kind.BROKEN), None)
    if broken is None or not faulty.fault.message.startswith("unterminated"):
        return None
    match = re.compile(r"/\*|\$\w*\$|[eE]?'|\"").match(faulty.code, broken.start)
    sign = match.group() if match else faulty.code[broken.start]
    closing = "*/" if sign == "/*" else sign.lstrip("eE")
    lines = len(re.findall(r"\r\n|\r|\n", faulty.code[broken.start :].rstrip()))
    swallowed = f"the next {lines} line{'' if lines == 1 else 's'}" if lines else "the rest of the line"
    place = Span(broken.start, broken.start + len(sign))
    return Hint(
        f"it begins here and swallows {swallowed}, to the end of the file: close it with {closing}", place=place
    )


def expanded_dollars(faulty: Faulty) -> Hint | None:
    """`DO 42153`: a shell put its process number in the place of `$$`."""
    index = faulty.index
    if faulty.kind(index) is not Kind.NUMBER or not faulty.text(index).isdigit():
        return None
    opens = faulty.word(index - 1) in {"DO", "AS"} or (index == 3 and faulty.word(0) == "DO")
    closes = index == 0 and (len(faulty.tokens) == 1 or faulty.word(1) == "LANGUAGE")
    if not opens and not closes:
        return None
    text = (
        f"a shell seems to have put its process number {faulty.text(index)} in the place of $$: write $$ again, "
        "and quote the heredoc's word ('EOF') where the file is made"
    )
    return Hint(text, "Write $$ again", (faulty.replace(index, "$$"),))


def invisible(faulty: Faulty) -> Hint | None:
    """A no-break space or a zero-width character, which PostgreSQL takes for a letter."""
    near = [faulty.index, faulty.index - 1, faulty.index - 2]
    for index in near:
        match = _INVISIBLE.search(faulty.text(index))
        if match is None:
            continue
        char = match.group()
        found = [match for match in _INVISIBLE.finditer(faulty.code) if not faulty.is_quoted(match.start())]
        edits = tuple(Edit(Span(*match.span()), " ") for match in found)
        name = unicodedata.name(char, f"U+{ord(char):04X}").lower()
        at = faulty.tokens[index].start + match.start()
        text = f"the invisible character U+{ord(char):04X} ({name}) counts as a letter: write a plain space"
        mended = faulty.mended(*edits)
        if not mended and index != faulty.index:
            continue
        title = "Write plain spaces" if mended else ""
        return Hint(text, title, edits if mended else (), safe=mended, place=Span(at, at + 1))
    return None


def typographic(faulty: Faulty) -> Hint | None:
    """Curly quotes, which a word processor or a chat makes of plain ones."""
    near = range(max(faulty.index - 3, 0), faulty.index + 2)
    index = next((index for index in near if _CURLY_SIGN.search(faulty.text(index))), None)
    if index is None or faulty.kind(index) is not Kind.WORD:
        return None
    signs = [found for found in _CURLY_SIGN.finditer(faulty.code) if not faulty.is_quoted(found.start())]
    edits = tuple(Edit(Span(*sign.span()), sign.group().translate(_CURLY)) for sign in signs)
    text = "typographic quotes quote nothing: write ' around strings and \" around names"
    if not faulty.mended(*edits):
        return Hint(text)
    return Hint(text, "Write plain quotes", edits)


def backtick(faulty: Faulty) -> Hint | None:
    """MySQL's quotes around names."""
    if faulty.text(faulty.index)[:1] != "`":
        return None
    names = [match for match in re.finditer(r"`([^`\r\n]+)`", faulty.code) if not faulty.is_quoted(match.start())]
    edits = tuple(Edit(Span(*name.span()), _plain(name[1])) for name in names)
    text = 'PostgreSQL quotes names with ", not with `'
    if not edits or not faulty.mended(*edits):
        return Hint(text)
    return Hint(text, "Write the names without backticks", edits, safe=True)


def double_quoted_string(faulty: Faulty) -> Hint | None:
    """`"x"` where only a string can stand."""

    def single_quoted(at: Faulty) -> tuple[Edit, ...]:
        if at.kind(at.index) is not Kind.QUOTED:
            return ()
        inside = at.text(at.index)[1:-1].replace('""', '"').replace("'", "''")
        return (at.replace(at.index, f"'{inside}'"),)

    edits = single_quoted(faulty)
    if not edits:
        return None
    edits = faulty.mended_by_each(single_quoted)
    if not edits:
        return None
    return Hint("\" quotes names; a string stands between '", "Write it as a string", edits, safe=True)


def placeholder(faulty: Faulty) -> Hint | None:
    """`${NAME}`, `{{name}}`, `%s`, `?`, `:name`: something that a tool should have filled in."""
    for match in _PLACEHOLDER.finditer(faulty.code):
        if match.start() > faulty.fault.offset:
            break
        if faulty.fault.offset <= match.end() and not faulty.is_quoted(match.start()):
            text = f"{_short(match.group())} is a placeholder, and the runner fills in nothing: write the value itself"
            return Hint(text, place=Span(*match.span()))
    return None


def _plain(name: str) -> str:
    return name if _WORD.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 30 else text[:27] + "..."
