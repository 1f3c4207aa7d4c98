"""What migration_log says, as values: one `Ledger` per environment, and the readers of exported files.

The runner writes one row per attempt: the file's name in `description`, `completed` or `failed` in `status`. Times
are the table's own text, in UTC without a zone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Literal, NamedTuple

State = Literal["completed", "failed", "pending"]

MAX_ERROR = 10_000
"""How many code points of an error message are kept."""

MAX_TEXT = 1_000
"""How many code points of any other column are kept; no file name is longer."""

MAX_ROWS = 100_000
"""A log with more rows than this is not read: something else than the runner writes it."""

MAX_PROBLEMS = 50
"""How many bad rows of one exported file are reported one by one."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One attempt to run one migration: a row of migration_log.

    The texts come from a database and are data, not markup: they may hold control characters and line ends.
    """

    step: int
    name: str
    status: str
    error: str | None = None
    executed_at: str | None = None


@dataclass(frozen=True)
class Ledger:
    """The content of migration_log in one environment, oldest attempt first.

    *source* is the kind of source ("postgres", "rds-data-api", "file"); *fetched_at* is ISO-8601 in UTC, or None when
    the log was never read; *problem* says in one line why the last refresh failed, or what it had to leave out.
    """

    environment: str
    entries: tuple[LogEntry, ...] = ()
    fetched_at: str | None = None
    problem: str | None = None
    source: str = ""

    @cached_property
    def by_name(self) -> Mapping[str, tuple[LogEntry, ...]]:
        """The attempts of each migration, in the order of the first attempts."""
        grouped: dict[str, list[LogEntry]] = {}
        for each in self.entries:
            grouped.setdefault(each.name, []).append(each)
        return MappingProxyType({name: tuple(attempts) for name, attempts in grouped.items()})


def state(ledger: Ledger, name: str) -> State:
    """What the next deploy thinks of the migration: one completed attempt, however old, means it never runs again."""
    attempts = history(ledger, name)
    if any(each.status == "completed" for each in attempts):
        return "completed"
    return "failed" if attempts and attempts[-1].status == "failed" else "pending"


def history(ledger: Ledger, name: str) -> tuple[LogEntry, ...]:
    """The attempts to run the migration, oldest first."""
    return ledger.by_name.get(name, ())


def deciding(ledger: Ledger, name: str) -> LogEntry | None:
    """The attempt that `state` rests on: the first completed one, else the last one."""
    attempts = history(ledger, name)
    completed = (each for each in attempts if each.status == "completed")
    return next(completed, attempts[-1] if attempts else None)


def failed(ledger: Ledger) -> tuple[LogEntry, ...]:
    """The last attempt of every migration whose state is failed, in the ledger's order."""
    return tuple(attempts[-1] for name, attempts in ledger.by_name.items() if state(ledger, name) == "failed")


def known_names(ledgers: Iterable[Ledger]) -> frozenset[str]:
    """The names of all migrations that any of the ledgers knows."""
    return frozenset(name for ledger in ledgers for name in ledger.by_name)


def age(then: str | None, now: datetime) -> str:
    """How long ago *then* was, for people: "just now", "2 hours ago"; "never" for None.

    *now* carries its zone. A text that is no time is given back as it is; one in the future is "just now".
    """
    if then is None:
        return "never"
    moment = parse_time(then)
    if moment is None:
        return then
    seconds = int((now - moment).total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def parse_time(text: str) -> datetime | None:
    """The moment that a time of the table or of a ledger names; without a zone it is UTC. None when it is no time."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class ServerError(NamedTuple):
    """An error of the database as the Data API words it, and as the runner records it.

    *state* is its SQLSTATE, "" when there is none; *position* counts characters of the chunk that failed, from 1.
    """

    message: str
    state: str = ""
    detail: str = ""
    position: int | None = None


def read_error(text: str) -> ServerError:
    """What `ERROR: ..; [Detail: ..;] [Hint: ..;] [Position: n;] SQLState: XXXXX` says; any other text is a message.

    It is read from the right, because the message may hold anything.
    """
    state = _STATE.search(text)
    if state is None:
        return ServerError(text)
    rest = text[: state.start()]
    position = _POSITION.search(rest)
    if position is not None:
        rest = rest[: position.start()]
    before, found, _ = rest.rpartition("; Hint: ")
    rest = before if found else rest
    before, found, detail = rest.rpartition("; Detail: ")
    message = _ERROR.sub("", before if found else rest, count=1)
    return ServerError(message, state[1], detail if found else "", int(position[1]) if position else None)


def make_entry(step: int, name: str, status: str, error: str | None, executed_at: str | None) -> LogEntry:
    """An entry of untrusted values: long texts are cut, and what cannot be encoded as UTF-8 becomes `?`."""
    return LogEntry(
        step,
        _tame(name, MAX_TEXT),
        _tame(status, MAX_TEXT),
        None if error is None else _tame(error, MAX_ERROR),
        None if executed_at is None else _tame(executed_at, MAX_TEXT),
    )


def parse_csv(text: str) -> tuple[tuple[LogEntry, ...], tuple[str, ...]]:
    """The entries of an exported CSV file, and one problem per row that is none.

    The header line names the columns, in any order, separated by `,`, `;` or a tab; `description` and `status` must be
    there, further columns are ignored. Rows are counted as a spreadsheet counts them: the header is row 1.
    """
    text = text.removeprefix("\ufeff")
    delimiter = max(",;\t", key=re.split("[\r\n]", text, maxsplit=1)[0].count)
    records = _csv_records(text, delimiter)
    header = next(records, None)
    if header is None:
        return (), ("the file is empty: a header line with the columns description and status is needed",)
    names = [name.strip().lower() for name in header]
    columns = {name: names.index(name) for name in _COLUMNS.intersection(names)}
    missing = [name for name in ("description", "status") if name not in columns]
    if missing:
        return (), (f"the header line has no column {' and no column '.join(missing)}: nothing can be read",)
    rows = []
    problems = _Problems()
    for number, fields in enumerate(records, 2):
        if number > MAX_ROWS + 1:
            return (), (_TOO_LONG,)
        if fields == [""]:
            continue
        if len(fields) != len(header):
            problems.add(f"row {number} has {len(fields)} fields instead of {len(header)}: it is left out")
            continue
        read = _read_row({name: None if fields[i] in _CSV_NULLS else fields[i] for name, i in columns.items()})
        if isinstance(read, str):
            problems.add(f"row {number} {read}: it is left out")
        else:
            rows.append(read)
    return _in_order(rows), problems.lines()


def parse_json(text: str) -> tuple[tuple[LogEntry, ...], tuple[str, ...]]:
    """The entries of an exported JSON file, and one problem per row that is none.

    The file is a list of objects with the table's column names, or an object with such a list under `rows`. Rows are
    counted from 1.
    """
    if text.count("{") > _MOST_OBJECTS:
        return (), (_TOO_LONG,)
    try:
        value: object = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        return (), (f"the file is not JSON: {error.msg} at line {error.lineno}, column {error.colno}",)
    except (ValueError, RecursionError):
        return (), (
            "the file is no JSON that can be read: it is nested too deeply, or holds a number that is too long",
        )
    if isinstance(value, dict):
        value = value.get("rows")
    if not isinstance(value, list):
        return (), ("the file holds no list of rows: a list of objects is needed, or an object with one under 'rows'",)
    if len(value) > MAX_ROWS:
        return (), (_TOO_LONG,)
    rows = []
    problems = _Problems()
    for number, item in enumerate(value, 1):
        read = _read_row(item) if isinstance(item, dict) else "is not an object"
        if isinstance(read, str):
            problems.add(f"row {number} {read}: it is left out")
        else:
            rows.append(read)
    return _in_order(rows), problems.lines()


_COLUMNS = frozenset({"id", "step_number", "description", "status", "error_message", "executed_at"})
_STATE = re.compile(r"; SQLState: ([0-9A-Z]{5})\s*\Z")
_POSITION = re.compile(r"; Position: ([0-9]{1,9})\Z")
_ERROR = re.compile(r"\A(?:\w{1,60}: )?(?:ERROR|FATAL): ")  # in front, the class that the AWS SDK gives to its errors
_INTEGER = re.compile(r"\s*[+-]?[0-9]{1,18}\s*")
_TOO_LONG = f"the file has more than {MAX_ROWS} rows: it is not read"
_MOST_OBJECTS = 10 * MAX_ROWS  # braces stand in the messages of errors, too
_MOST_FIELDS = 1_000
_LINE_END = re.compile(r"\r\n|\r|\n")
_CSV_NULLS = frozenset({"", "NULL", "null", r"\N"})


class _Row(NamedTuple):
    id: int | None
    entry: LogEntry


class _Problems:
    """Collects problems, and only counts them once there are too many to read."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._more = 0

    def add(self, line: str) -> None:
        if len(self._lines) < MAX_PROBLEMS:
            self._lines.append(line)
        else:
            self._more += 1

    def lines(self) -> tuple[str, ...]:
        return (*self._lines, f"{self._more} more rows are left out") if self._more else tuple(self._lines)


def _read_row(row: Mapping[str, object]) -> _Row | str:
    """The row's entry, or what is wrong with it, as the rest of a sentence that begins with the row."""
    name, status = row.get("description"), row.get("status")
    if not isinstance(name, str) or not name.strip():
        return "names no migration in description"
    if not isinstance(status, str):
        return "has no status"
    step = _integer(row.get("step_number", 0))
    if step is None:
        return "has a step_number that is no whole number"
    texts = []
    for column in ("error_message", "executed_at"):
        value = row.get(column)
        if value is not None and not isinstance(value, str):
            return f"has an {column} that is no text"
        texts.append(value)
    return _Row(_integer(row.get("id")), make_entry(step, name, status, *texts))


def _integer(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return value
    return int(value.strip()) if isinstance(value, str) and _INTEGER.fullmatch(value) else None


def _in_order(rows: Sequence[_Row]) -> tuple[LogEntry, ...]:
    """The entries, oldest first: by id, else by time (people export the newest first), else as they stand."""
    ids = [row.id for row in rows if row.id is not None]
    times = [moment.timestamp() for row in rows if (moment := parse_time(row.entry.executed_at or ""))]
    keys: Sequence[float] = next((keys for keys in (ids, times) if len(keys) == len(rows)), range(len(rows)))
    return tuple(rows[index].entry for index in sorted(range(len(rows)), key=keys.__getitem__))  # stable


def _csv_records(text: str, delimiter: str) -> Iterator[list[str]]:
    """The records of *text*; a quote that is never closed is an ordinary character.

    The csv module is not used because its limit on the length of a field is one setting for the whole process.
    """
    # Possessive, so that a quote that is never closed costs one look and no backtracking. It matches everywhere.
    field = re.compile(rf'(?:"((?:[^"]++|"")*+)"|([^{delimiter}\r\n]*+))({delimiter}|\r\n|\n|\r|\Z)')
    record: list[str] = []
    position = 0
    while position < len(text):
        match = field.match(text, position)
        assert match is not None
        quoted, plain, separator = match.groups()
        record.append(plain if quoted is None else quoted.replace('""', '"'))
        position = match.end()
        if separator == delimiter and len(record) == _MOST_FIELDS:
            # What stands behind that many is no column that anybody asked for.
            separator = "\n"
            end = _LINE_END.search(text, position)
            position = end.end() if end else len(text)
        if separator != delimiter:
            yield record
            record = []
    if record:
        yield [*record, ""]


def _tame(text: str, limit: int) -> str:
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
