"""What an editor shows under the pointer: findings with the page of the rule, the log, what the runner sends."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from mig_lsp.core.change import Finding
from mig_lsp.core.features.config_place import key_at
from mig_lsp.core.features.markdown import block, code, phrase
from mig_lsp.core.features.mentions import migration_at
from mig_lsp.core.features.sending import sending
from mig_lsp.core.features.standing import Standing, place, standings
from mig_lsp.core.log import Ledger, age, history, parse_time
from mig_lsp.core.rules import by_name
from mig_lsp.core.snapshot import Snapshot
from mig_lsp.core.text import Span
from mig_lsp.core.visible import one_line


class Hover(NamedTuple):
    """Markdown, and the stretch of the text that it is about."""

    markdown: str
    span: Span


def hover(snapshot: Snapshot, path: str, offset: int, now: str | None, findings: Iterable[Finding]) -> Hover | None:
    """What is known about the place *offset*: those of the document's *findings* that stand there come first.

    *now* is the time in ISO-8601, to tell ages by.
    """
    parts: list[str] = []
    spans: list[Span] = []
    found = [each for each in findings if each.span.start <= offset <= each.span.end]
    found.sort(key=lambda each: each.span.end - each.span.start)
    if found:
        parts.append(_messages(found))
        spans.append(found[0].span)
    about = migration_at(snapshot, path, offset)
    if about is not None:
        parts.append(migration(snapshot, about.name, now))
        spans.append(about.span)
    else:
        sent = _sent(snapshot, path, offset) or _key(snapshot, path, offset)
        if sent is not None:
            parts.append(sent.markdown)
            spans.append(sent.span)
    if found:
        parts.append(_page(found[0].rule))
    return Hover("\n\n".join(parts), spans[0]) if parts else None


def migration(snapshot: Snapshot, name: str, now: str | None) -> str:
    """What manifest and log say of the file *name*, as Markdown."""
    lines = [f"**{code(name)}** {phrase(place(snapshot.plan, name), 400)}"]
    if snapshot.plan.path_of(name) not in snapshot.plan.paths:
        lines[0] += "; the file does not exist"
    moment = parse_time(now) if now is not None else None
    lines += [_environment(standing, name, moment) for standing in standings(snapshot, name)]
    return "\n".join(lines)


_FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.M | re.S)
_CARETS = re.compile(r"^(?:--|//|#)? *\^+>?(?: .*)?\n", re.M)


def _messages(found: Iterable[Finding]) -> str:
    """The findings, one line each; a message may quote the user's text, so it is shown as code."""
    return "\n".join(f"- **{each.rule}** {code(each.message, 500)}" for each in found)


def _page(rule: str) -> str:
    """The rule's page for readers: its examples without the carets that test it."""
    known = by_name().get(rule)
    if known is None:
        return ""

    def example(fence: re.Match[str]) -> str:
        return f"```{fence[1]}\n{_CARETS.sub('', fence[2])}```"

    return "---\n\n" + _FENCE.sub(example, known.documentation).replace("\n# ", "\n### ").rstrip()


def _environment(standing: Standing, name: str, now: datetime | None) -> str:
    ledger, entry = standing.ledger, standing.entry
    line = f"- **{phrase(ledger.environment, 64)}**: "
    if entry is None:
        return line + f"never ran{_fresh(ledger, now)}"
    attempts = len(history(ledger, name))
    line += standing.state if standing.state != "pending" else f"pending, last status {code(entry.status, 20)}"
    line += f" {code(entry.executed_at, 40)}" if entry.executed_at else ""
    line += f", step {entry.step}"
    line += f", {attempts} attempts" if attempts > 1 else ""
    line += _fresh(ledger, now)
    if entry.error and standing.state != "completed":
        line += "\n\n" + _indented(block(entry.error)) + "\n"
    return line


def _fresh(ledger: Ledger, now: datetime | None) -> str:
    when = age(ledger.fetched_at, now) if now is not None else ledger.fetched_at or "never"
    fresh = f" (refreshed {one_line(when, 40)})"
    return f"{fresh}; {code(ledger.problem)}" if ledger.problem else fresh


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _sent(snapshot: Snapshot, path: str, offset: int) -> Hover | None:
    file = snapshot.files.get(path)
    found = sending(file, snapshot.plan.runner, offset) if file is not None else None
    return Hover(found.markdown, found.span) if found is not None else None


def _key(snapshot: Snapshot, path: str, offset: int) -> Hover | None:
    document = snapshot.documents.get(path)
    if document is None or path != snapshot.plan.config_path:
        return None
    found = key_at(document.text, offset)
    if found is None:
        return None
    example = str(list(found.key.example) if isinstance(found.key.example, tuple) else found.key.example)
    return Hover(f"**{phrase(found.name)}** {found.key.doc}\n\nFor example {code(example)}.", found.span)
