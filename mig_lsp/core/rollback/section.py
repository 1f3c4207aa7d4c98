"""Where a migration says how it is undone: the comments under a heading like "ROLLBACK", and the SQL in them.

The headings that people write are many ("-- Rollback:", "-- ROLLBACK SQL", "-- ROLLBACK PROCEDURE (if it fails):",
"-- To roll back:", "-- Down"); they stand at the top or at the end of the file. A sentence that says that there is no
way back counts as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from mig_lsp.core.comments import CommentLine, comment_lines
from mig_lsp.core.noted import Notebook
from mig_lsp.core.sql import statement
from mig_lsp.core.sql.statement import Statement, Statements
from mig_lsp.core.text import Span


class Says(IntEnum):
    """What a section amounts to; more is better."""

    NOTHING = 0
    """A heading without anything under it."""
    TODO = 1
    """What a template left to be filled in."""
    ELSEWHERE = 2
    """Only where to look for it."""
    WORDS = 3
    """Words: steps to take, or that nothing can or need be done."""
    SQL = 4
    """Statements that undo the migration."""


class Commented(NamedTuple):
    """SQL in comments: *lines* are its stretches of the text, in order, and `sql` is these, joined by "\\n"."""

    sql: str
    lines: tuple[Span, ...]

    def at(self, offset: int) -> int:
        """Where the character at *offset* of `sql` stands in the text."""
        for line in self.lines:
            if offset <= line.end - line.start:
                return line.start + offset
            offset -= line.end - line.start + 1
        return self.lines[-1].end

    @property
    def span(self) -> Span:
        """From the first to behind the last character."""
        return Span(self.lines[0].start, self.lines[-1].end)


class Rollback(NamedTuple):
    """One section: *span* from its heading to behind its last line, *heading* the words of the heading's line.

    *statements* are the SQL in its comments. *statement_index* is the statement in front of which it stands.
    """

    span: Span
    heading: Span
    statements: tuple[Commented, ...]
    says: Says
    statement_index: int = 0

    @property
    def sql(self) -> str | None:
        """The SQL of the section without comment signs; None when it has none."""
        return "\n".join(each.sql for each in self.statements) or None


def fullest(sections: Iterable[Rollback]) -> Rollback | None:
    """The section that says most; of equals the first. None when there are none."""
    return max(sections, key=lambda section: section.says, default=None)


def rollbacks(statements: Statements, notebook: Notebook | None = None) -> tuple[Rollback, ...]:
    """Every section of a file, in order; *notebook* is the file's."""
    found: list[Rollback] = []
    for index, sections in (notebook or Notebook()).noted("rollbacks", statements.items, _before).pairs():
        start = statements.ends[index - 1] if index else 0
        found += (_shifted(section, start, index) for section in sections)
    return tuple(found)


_BACK = r"(?:roll(?:ing)?[ _-]?back|undo|revert|downgrade)"
_KNOWN = r"(?:sql|procedure|script|plan|steps?|instructions?|notes?|migration|statements?|strategy|commands?|section)"
_HEADING = re.compile(
    rf"""(?:(?:manual|emergency|optional|suggested|how\ to|to|for|the)\s+)*{_BACK}
         (?:(?:\s+{_KNOWN})*\s*(?:\([^)]*\))?\s*(?:$|[:–—](?P<rest>.*)|\s-(?P<more>\s.*))
           |\s[^;.:]{{1,60}}:\s*$)
       | (?:\+goose\s+|migrate:|@)?down(?:\s+migration)?\s*(?:$|:(?P<down>.*))""",
    re.I | re.X,
)
_NO_WAY = re.compile(
    rf"""\birreversibl | \b(?:not|isn't)\s+reversible\b | \bno\s+{_BACK}\b
       | \b(?:cannot|can't|can\ not|not)\s+be\s+(?:rolled\s+back|undone|reverted|reversed)\b
       | \b{_BACK}\s+(?:is\s+)?(?:not|n/a|un(?:necessary|supported)|impossible)""",
    re.I | re.X,
)
_SIGNS = ("roll", "rever", "undo", "down")
"""What every heading and every _NO_WAY has in it, and few other comments have."""
_POINTER = re.compile(
    r"\b(?:see|at|in|documented|found)\b.*(?:\b(?:end|bottom|top|header|below|above|separate)\b|\.sql\b)|\.sql\s*$",
    re.I,
)
_TODO = re.compile(r"(?:TODO|FIXME|TBD|XXX)\b")
_TITLE = re.compile(r"[A-Z][A-Z0-9 /&+,-]{3,}(?:\([^)]*\))?\s*:")
_MARK = re.compile(r"(?:[0-9]{1,2}[.)]|[*•-])[ \t]+")
_LOG = re.compile(r"\bmigration_log\b", re.I)

# What begins SQL for certain, and what begins SQL or an English sentence.
_OBJECT = (
    r"(?:TABLE|INDEX|TYPE|VIEW|MATERIALIZED\s+VIEW|SCHEMA|SEQUENCE|FUNCTION|PROCEDURE|TRIGGER|POLICY|CONSTRAINT|DOMAIN"
    r"|EXTENSION|ROLE|RULE|AGGREGATE|STATISTICS)"
)
_SQL = re.compile(
    rf"""(?:DROP|ALTER)\s+{_OBJECT}\s | CREATE\s+(?:OR\s+REPLACE\s+|UNIQUE\s+|TEMP(?:ORARY)?\s+)*{_OBJECT}\s
       | DELETE\s+FROM\s | INSERT\s+INTO\s | TRUNCATE\s+TABLE\s""",
    re.I | re.X,
)
_MAYBE_SQL = re.compile(
    r"(?:UPDATE|SELECT|WITH|GRANT|REVOKE|TRUNCATE|COMMENT\s+ON|SET|REINDEX|REFRESH|VACUUM|CALL)\s", re.I
)
_LONGEST = 300  # lines of one statement in a comment
_LONGEST_POINTER = 200  # characters of a line that only points elsewhere
_EFFORT = 300_000  # characters that are parsed at most in search of SQL in front of one statement


def _before(each: Statement) -> tuple[Rollback, ...] | None:
    """The sections in front of a statement, relative to its text."""
    end = each.span.start
    comments = each.text[:end].casefold()
    if not any(sign in comments for sign in _SIGNS):
        return None
    lines = list(comment_lines(each.text, 0, end))
    return tuple(_sections(lines, _Effort(_EFFORT), last=each.blank)) or None


@dataclass(slots=True)
class _Effort:
    """How many characters may still be parsed: a text made to waste time gets no more of it."""

    left: int

    def spend(self, text: str) -> bool:
        self.left -= len(text)
        return self.left > 0


def _sections(lines: Sequence[CommentLine], effort: _Effort, *, last: bool) -> Iterator[Rollback]:
    """The sections in *lines*; *last* says that no statement follows, so an empty line does not end one."""
    number = 0
    while number < len(lines):
        line = lines[number]
        heading = _heading(line)
        if heading is None:
            if line.words and _NO_WAY.search(line.words):
                words = Span(line.start, line.start + len(line.words))
                yield Rollback(words, words, (), Says.WORDS)
            number += 1
            continue
        end = _section_end(lines, number, last)
        yield _section(line, heading, lines[number + 1 : end], effort)
        number = end


def _heading(line: CommentLine) -> re.Match[str] | None:
    if not line.words:
        return None
    mark = _MARK.match(line.words)
    return _HEADING.fullmatch(line.words.strip(" =*#-") if mark is None else line.words, mark.end() if mark else 0)


def _section_end(lines: Sequence[CommentLine], number: int, last: bool) -> int:
    """The number of the first line behind the section whose heading is line *number*."""
    end = number + 1
    if end < len(lines) and lines[end].rule:
        end += 1
    first = end
    while end < len(lines):
        line = lines[end]
        if line.rule or (line.blank and not last) or _heading(line) or _TITLE.fullmatch(line.words):
            break
        end += 1
    while end > first and lines[end - 1].blank:
        end -= 1
    return end


def _section(line: CommentLine, heading: re.Match[str], body: Sequence[CommentLine], effort: _Effort) -> Rollback:
    words = Span(line.start, line.start + len(line.words))
    rest = next((group for group in ("rest", "more", "down") if heading[group]), None)
    content = list(body)
    if rest is not None:
        said = heading[rest].strip()
        start = line.start + line.words.rfind(said) if said else words.end
        content.insert(0, CommentLine(line.span, start, said, blank=False, rule=False))
    statements = tuple(_commented(content, effort))
    told = [each.words for each in content if each.words]
    return Rollback(
        Span(words.start, max([words.end, *(each.start + len(each.words) for each in body)])),
        words,
        statements,
        _says(told, statements),
    )


def _says(told: Sequence[str], statements: Sequence[Commented]) -> Says:
    if any(_TODO.match(words) for words in told):
        return Says.TODO
    if any(not _LOG.search(each.sql) for each in statements):
        return Says.SQL
    if not told:
        return Says.NOTHING
    return Says.ELSEWHERE if len(told) == 1 and _POINTER.search(told[0][:_LONGEST_POINTER]) else Says.WORDS


def _commented(lines: Sequence[CommentLine], effort: _Effort) -> Iterator[Commented]:
    number = 0
    while number < len(lines) and effort.left > 0:
        found = _statement_at(lines, number, effort)
        if found is None:
            number += 1
            continue
        yield found
        number += len(found.lines)


def _statement_at(lines: Sequence[CommentLine], number: int, effort: _Effort) -> Commented | None:
    """The SQL that begins in line *number*: up to a line that ends with its `;`, or the paragraph if that is SQL."""
    first = _without_mark(lines[number])
    if first.words.endswith(":"):
        return None
    likely = _SQL.match(first.words + " ") is not None
    # A sentence begins with one capital letter; SQL that does not parse is reported, so no sentence may pass for it.
    certain = likely and not first.words[:2].istitle()
    if not likely and _MAYBE_SQL.match(first.words + " ") is None:
        return None
    taken = [first]
    for line in lines[number + 1 : number + _LONGEST]:
        if _ends(taken, effort):
            break
        if not line.words:
            break
        taken.append(line)
    whole = _joined(taken)
    if _ends(taken, effort):
        return whole if certain or _parses(whole, effort) else None
    if _parses(whole, effort):
        return whole
    alone = _joined([first])
    return alone if _parses(alone, effort) else None


def _without_mark(line: CommentLine) -> CommentLine:
    mark = _MARK.match(line.words)
    return line._replace(start=line.start + mark.end(), words=line.words[mark.end() :]) if mark else line


def _ends(lines: Sequence[CommentLine], effort: _Effort) -> bool:
    if ";" not in lines[-1].words:
        return False
    text = "\n".join(line.words for line in lines)
    if not effort.spend(text):
        return False
    items = statement.read(text).items
    return items[-1].blank or items[-1].terminated


def _joined(lines: Sequence[CommentLine]) -> Commented:
    spans = tuple(Span(line.start, line.start + len(line.words)) for line in lines)
    return Commented("\n".join(line.words for line in lines), spans)


def _parses(commented: Commented, effort: _Effort) -> bool:
    return effort.spend(commented.sql) and all(item.fault is None for item in statement.read(commented.sql).items)


def _shifted(section: Rollback, by: int, index: int) -> Rollback:
    statements = tuple(
        each._replace(lines=tuple(line.shifted(by) for line in each.lines)) for each in section.statements
    )
    return Rollback(section.span.shifted(by), section.heading.shifted(by), statements, section.says, index)
