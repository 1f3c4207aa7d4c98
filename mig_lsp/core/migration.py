"""The name of a migration file: its number, its description, and the names of new files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_NUMBERED = re.compile(r"(?P<digits>[0-9]+)(?P<separator>[-_. ]*)(?P<rest>.*)\.sql", re.I | re.S)
_ROLLBACK = re.compile(r"[-_.](?:rollback|down|undo)$", re.I)
_UNFIT = re.compile(r"[^a-z0-9]+")
_LONGEST = 50  # characters of a description in a file name


class FileName(NamedTuple):
    """What a file name says.

    *digits* are the number as written ("043"), *description* is the rest without separator and ".sql"; *rollback* tells
    that the file undoes another one ("039-x-rollback.sql") and is no migration.
    """

    number: int
    digits: str
    description: str
    rollback: bool


def base_name(path: str) -> str:
    """The file name of a path with `/`."""
    return path.rpartition("/")[2]


def parse_name(name: str) -> FileName | None:
    """What the name of a numbered SQL file says, or None for a name without a number."""
    match = _NUMBERED.fullmatch(base_name(name))
    if match is None or len(match["digits"]) > 18:
        return None
    rest = match["rest"]
    return FileName(int(match["digits"]), match["digits"], rest, _ROLLBACK.search(rest) is not None)


def is_rollback(name: str) -> bool:
    """Whether the file undoes another one instead of being a migration."""
    return _ROLLBACK.search(base_name(name).removesuffix(".sql")) is not None


def slug(description: str) -> str:
    """*description* as it stands in a file name: a-z, 0-9 and single `-`, at most 50 characters, possibly empty."""
    return _UNFIT.sub("-", description.lower()).strip("-")[:_LONGEST].strip("-")


def digits(number: int, width: int) -> str:
    """*number* with leading zeros up to *width* digits."""
    return str(number).zfill(width)


def file_name(number: int, description: str, width: int) -> str:
    """The name of a new migration; raises ValueError when no letter or digit of *description* is usable."""
    words = slug(description)
    if not words:
        raise ValueError(f"the description {description!r} has no letter a-z and no digit to make a file name of")
    return f"{digits(number, width)}-{words}.sql"


def numbers(names: Iterable[str]) -> set[int]:
    """The numbers that file names carry; names without one are left out."""
    return {parsed.number for name in names if (parsed := parse_name(name)) is not None}


def next_number(taken: Iterable[int], first: int) -> int:
    """One more than the highest number taken, and at least *first*."""
    return max([first, *(number + 1 for number in taken)])
