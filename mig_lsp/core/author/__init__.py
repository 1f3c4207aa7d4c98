"""Writing migrations. Each function returns a `SourceChange`; `AuthorError` says why there is none."""

from __future__ import annotations


class AuthorError(Exception):
    """What was asked for is impossible; the message is one line that says why and what to do."""
