"""Passwords that stand where everybody can read them: found, said without repeating them, and taken out."""

from __future__ import annotations

import re

from mig_lsp.core.config.keys import Say, shown
from mig_lsp.core.config.toml import Entry, Table, Value

_KEY = re.compile(
    r"pass(?:word|wd|phrase)?$|password|pwd|secret(?![-_]?arn)|token|credential|(?:api|access|private)[-_]?key",
    re.IGNORECASE,
)
_ASSIGNMENT = re.compile(r"\bpass(?:word|wd)\s*=\s*\S", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,60}")
_ADVICE = "everybody who sees this file can read it. Never write it here: put it into an environment variable"


def take_out(root: Table, prefix: str, say: Say) -> None:
    """Says each password in *root* and puts None in its place, so that no later message can repeat it."""
    waiting: list[tuple[str, Table | list[Value]]] = [(prefix, root)]
    while waiting:
        path, holder = waiting.pop()
        if isinstance(holder, list):
            for index, item in enumerate(holder):
                if isinstance(item.data, str) and holds_password(item.data):
                    say(item.span, f"One of {shown(path.rstrip('.'))} holds a password: {_ADVICE}")
                    holder[index] = Value(item.span, None)
                elif isinstance(item.data, Table | list):
                    waiting.append((path, item.data))
            continue
        for key, entry in holder.entries.items():
            data = entry.value.data
            name = path + key if _PLAIN.fullmatch(key) else f"{path}..."
            if holds_password(key):
                say(entry.key, f"A key holds a password: {_ADVICE}")
            elif isinstance(data, Table | list):
                waiting.append((f"{name}.", data))
                continue
            elif _KEY.search(key):
                say(entry.key, f"{shown(name)} looks like a password: {_ADVICE}")
            elif isinstance(data, str) and holds_password(data):
                say(entry.value.span, f"{shown(name)} holds a password: {_ADVICE}")
            else:
                continue
            holder.entries[key] = Entry(entry.key, Value(entry.value.span, None))


def holds_password(text: str) -> bool:
    """Whether *text* is a URL or a connection string with a password in it."""
    user, at, _ = text.partition("://")[2].rpartition("@")
    return bool(at and ":" in user) or _ASSIGNMENT.search(text) is not None
