"""A name for each finding that stays the same when lines move, so that services can tell old ones from new ones."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from mig_lsp.render.report import Item, Report


def fingerprints(report: Report) -> Iterator[tuple[Item, str]]:
    """Each finding with its name, made of file, rule, message and line, and of a number where these are equal."""
    seen: Counter[tuple[str, ...]] = Counter()
    for item in report.items:
        lines = report.lines(item.path)
        start, end = lines.span(lines.line_at(min(item.finding.span.start, len(lines.text))))
        key = (item.path, item.finding.rule, item.finding.message, lines.text[start:end].strip())
        seen[key] += 1
        text = "\0".join((*key, str(seen[key])))
        yield item, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
