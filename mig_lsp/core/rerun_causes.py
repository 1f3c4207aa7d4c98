"""Which statement of a file is to blame when one of them cannot run again, found by trying it behind each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mig_lsp.core.catalog.moment import Moment, Objection
from mig_lsp.core.catalog.replay import Replayed
from mig_lsp.core.catalog.statements import carry_out
from mig_lsp.core.catalog.values import Gone, Index, Key, Origin, OtherType, Table

MOST_TRIES = 16
"""How many statements are tried: what is to blame is nearly always the statement itself, or one of a few."""


def cause(file: Replayed, moment: Moment, objection: Objection, number: int, stop: int) -> int | None:
    """The statement that made what is in the way, or took what is missing; None where that is not told.

    *moment*, statement *number*, is refused with *objection* when *file* runs again after stopping behind statement
    number *stop*.
    """
    by = told_by(moment, objection)
    if by is not None and by.path == file.source.path:
        return file.number(by)
    writers = _writers(file)
    candidates = {writer for key in moment.reads for writer in writers.get(key, ()) if number <= writer <= stop}
    for candidate in sorted(candidates)[:MOST_TRIES]:
        if any(_is_same(each, objection) for each in _tried(file, moment, candidate)):
            return candidate
    return None


def told_by(moment: Moment, objection: Objection) -> Origin | None:
    """The statement that made what is in the way, or took what is missing, where the catalog itself tells."""
    found = moment.before(objection.by) if objection.by is not None else objection.found
    by = found.by if isinstance(found, Gone) else getattr(found, "made", None)
    return by if isinstance(by, Origin) else None


def made(moment: Moment) -> Iterator[tuple[str, Key]]:
    """What a statement makes that a name may be chosen for, as (what it is, its key).

    The index of a constraint is not listed beside it.
    """
    for key, value in moment.writes.items():
        if isinstance(value, Index) and value.made == moment.origin and not value.constraint:
            yield "index", key
        elif isinstance(value, OtherType) and value.kind == "domain":
            domain = moment.before(key)
            for name in sorted(value.constraints - (domain.constraints if isinstance(domain, OtherType) else set())):
                yield "constraint", (*key, name)
        elif isinstance(value, Table):
            before = moment.before(key)
            old = before.constraints if isinstance(before, Table) else {}
            for name, constraint in value.constraints.items():
                if constraint.made == moment.origin and name not in old:
                    yield "constraint", (*key, name)


def _writers(file: Replayed) -> Mapping[Key, Sequence[int]]:
    """The statements that leave something under a key, in order; kept with the file."""
    known: dict[Key, list[int]] | None = file.__dict__.get("_writers")
    if known is None:
        known = defaultdict(list)
        for number, moment in enumerate(file.moments):
            for key in moment.writes if moment is not None else ():
                known[key].append(number)
        file.__dict__["_writers"] = known
    return known


def _tried(file: Replayed, moment: Moment, number: int) -> list[Objection]:
    """What the server objects to the statement where it stands behind statement *number* of the first run."""
    trial = Moment(moment.statement, Origin(file.source.path, file.places[number] + 1), moment.setting, file.layer)
    carry_out(trial)
    return trial.objections


def _is_same(one: Objection, other: Objection) -> bool:
    return (one.reason, one.what, one.name) == (other.reason, other.what, other.name)
