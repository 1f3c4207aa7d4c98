"""What a change of files comes to: which files are new, moved or different in the end, before anything is touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from mig_lsp.core.change import CreateFile, EditFile, RenameFile, SourceChange, apply


class Outcome(NamedTuple):
    """A file after a change: *source* is where it was before (None: it is new), *text* its text (None: as it was)."""

    path: str
    source: str | None
    text: str | None


class ImpossibleChangeError(Exception):
    """Why a change cannot be carried out, in one line that names the file."""


def outcomes(change: SourceChange, text: Callable[[str], str], exists: Callable[[str], bool]) -> tuple[Outcome, ...]:
    """The files that *change* makes, moves or alters, in the order in which it first names them.

    *text* gives the present text of a file and *exists* tells whether there is one. Raises `ImpossibleChangeError` when
    a new file is in the way of another one, an edited one is missing, or edits overlap.
    """
    after: dict[str, Outcome] = {}
    gone: set[str] = set()

    def there(path: str) -> bool:
        return path in after or (path not in gone and exists(path))

    def taken(path: str) -> Outcome:
        if not there(path):
            raise ImpossibleChangeError(f"{path} does not exist, so it cannot be changed")
        return after.pop(path, None) or Outcome(path, path, None)

    for file in change.files:
        match file:
            case CreateFile(path, new):
                if there(path):
                    raise ImpossibleChangeError(f"{path} exists already and is not overwritten")
                after[path] = Outcome(path, None, new)
            case RenameFile(old, path):
                if there(path) and path.lower() != old.lower():
                    raise ImpossibleChangeError(f"{path} exists already and is not overwritten by {old}")
                after[path] = taken(old)._replace(path=path)
                gone.add(old)
            case EditFile(path, edits):
                before = taken(path)
                present = before.text if before.text is not None else text(before.source or path)
                try:
                    after[path] = before._replace(text=apply(present, edits))
                except ValueError as error:
                    raise ImpossibleChangeError(f"{path} cannot be changed: {error}") from None
    return tuple(each for each in after.values() if each.text is not None or each.source != each.path)
