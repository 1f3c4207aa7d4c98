"""Corpora for the benchmarks: the same seed makes the same bytes.

A corpus is a folder with a migration set in it: `infra/database/schema/*.sql`, a JSON manifest and `mig-lsp.toml`. What
is in it is made in memory first, so that tests need no disk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from pathlib import Path
from typing import NamedTuple

from bench.statements import Schema, Table, Taste

FOLDER = "infra/database/schema"
MANIFEST = "infra/database/migrations.json"
REAL = "real"
REAL_FILES = 126  # files, about 0.375 MB and 1,017 statements: the size of a set that is in use
SIZES = (12, 100, 1_000, 10_000)  # files; the first is for a quick look
LENGTHS = (50, 500, 5_000, 10_000)  # lines
LONG_IN_SET = "set-1000-lines-5000"
_STATEMENTS = (4, 5, 6, 7, 8, 9, 10, 11, 13, 15)  # in one file; their mean is that of the set in use
_ROWS = 500  # in one INSERT of the long file
_TASTE = Taste(broken=0.01)


class Corpus(NamedTuple):
    """A migration set in memory: files by path from its root, and how many statements are meant not to parse."""

    name: str
    files: dict[str, str]
    broken: int = 0
    subject: str = ""  # the path of the one file that the corpus is about


def migrations(count: int, seed: int = 1) -> Corpus:
    """A set of *count* migrations, of about 3 KB and eight statements each."""
    schema = Schema(f"set {count} {seed}", _TASTE)
    width = _width(count)
    return _corpus(f"set-{count}", _set(schema, count, width), width, schema.broken)


def single(lines: int, *, findings: bool, wide: bool = False, seed: int = 1) -> Corpus:
    """A set of two: the base tables, and one file of *lines* lines, with about a finding in five lines or none."""
    schema = Schema(f"single {lines} {findings} {wide} {seed}", Taste(careless=0.0, wide=0.5 if wide else 0.0))
    base = _migration(schema, "010", "base tables", schema.hub_tables(), "DROP TABLE IF EXISTS users;")
    long = f"020-{_single_name(lines, findings, wide)}.sql"
    files = {"010-base-tables.sql": base, long: _long(schema, "020", lines, findings)}
    return _corpus(_single_name(lines, findings, wide), files, 3, subject=long)


def long_file_in_set(lines: int, count: int, seed: int = 1) -> Corpus:
    """A set of *count* migrations whose last one is a file of *lines* lines, with findings."""
    schema = Schema(f"long {lines} {count} {seed}", _TASTE)
    width = _width(count)
    files = _set(schema, count - 1, width)
    schema.taste = Taste(careless=0.0, wide=0.0)
    number = f"{count + 9:0{width}}"
    files[f"{number}-long.sql"] = _long(schema, number, lines, findings=True)
    return _corpus(f"set-{count}-lines-{lines}", files, width, schema.broken, f"{number}-long.sql")


def rows(size: int = 2_000_000, seed: int = 1) -> Corpus:
    """A set with one file of INSERT statements of *size* bytes."""
    schema = Schema(f"rows {seed}", Taste(careless=0.0))
    base = _migration(schema, "010", "base tables", schema.hub_tables())
    parts = [_header("020", "rows", schema, "DELETE FROM users WHERE name LIKE 'row %';")]
    written, number = len(parts[0]), 0
    while written < size:
        values = ",\n".join(f"  ('row {number + i}: user {schema.random.randrange(10**9)}')" for i in range(_ROWS))
        number += _ROWS
        parts.append(f"INSERT INTO users (name) VALUES\n{values}\nON CONFLICT (name) DO NOTHING;\n\n")
        written += len(parts[-1])
    files = {"010-base-tables.sql": base, "020-rows.sql": "".join(parts)}
    return _corpus("rows", files, 3, subject="020-rows.sql")


def makers() -> dict[str, Callable[[], Corpus]]:
    """What makes each corpus that the scenarios use, by its name."""
    made: dict[str, Callable[[], Corpus]] = {REAL: lambda: migrations(REAL_FILES)._replace(name=REAL)}
    for count in SIZES:
        made[f"set-{count}"] = partial(migrations, count)
    for lines, findings, wide in product(LENGTHS, (False, True), (False, True)):
        made[_single_name(lines, findings, wide)] = partial(single, lines, findings=findings, wide=wide)
    made["rows"] = rows
    made[LONG_IN_SET] = partial(long_file_in_set, 5_000, 1_000)
    return made


def write(corpus: Corpus, root: Path) -> Path:
    """Writes the corpus into the folder *root*, except what is there already; returns the folder."""
    for path, text in corpus.files.items():
        data, target = text.encode(), root / path
        if target.is_file() and target.read_bytes() == data:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    wanted = {root / path for path in corpus.files}
    for stale in set(root.rglob("*.sql")) - wanted:
        stale.unlink()
    return root


def _set(schema: Schema, count: int, width: int) -> dict[str, str]:
    """The SQL files of a set by name, in order."""
    files = {}
    for number in range(10, count + 10):
        topic, statements = ("base tables", schema.hub_tables()) if number == 10 else _topic(schema)
        slug = re.sub("[^a-z0-9]+", "-", topic)[:50].strip("-")
        rollback = f"DROP TABLE IF EXISTS {topic[4:]};" if topic.startswith("add ") else ""
        files[f"{number:0{width}}-{slug}.sql"] = _migration(schema, f"{number:0{width}}", topic, statements, rollback)
    return files


def _long(schema: Schema, number: str, lines: int, findings: bool) -> str:
    """One file of exactly *lines* lines."""
    parts = [_header(number, "a long file", schema, "none is needed: all of this may stay")]
    size = parts[0].count("\n")
    for statement in _careless(schema) if findings else _careful(schema):
        part = f"{statement}\n\n"
        if size + part.count("\n") > lines:
            break
        parts.append(part)
        size += part.count("\n")
    parts.append("".join(f"-- {schema.remark()}\n" for _ in range(lines - size)))
    return "".join(parts)


def _topic(schema: Schema) -> tuple[str, list[str]]:
    """What one migration is about, and its statements."""
    chance = schema.random.random()
    if len(schema.tables) < 5 or chance < 0.34:
        return _feature(schema)
    table = schema.any_table()
    count = schema.random.choice(_STATEMENTS)
    if chance < 0.58:
        return f"extend {table.name}", _mixed(
            schema, table, (schema.add_column, schema.set_default, schema.comment), count
        )
    if chance < 0.70:
        return f"seed {table.name}", _mixed(schema, table, (_few_rows(schema), schema.comment), count)
    if chance < 0.80:
        return f"fill {table.name}", _mixed(schema, table, (schema.update, schema.comment, schema.update), count)
    if chance < 0.88:
        return f"functions of {table.name}", _mixed(
            schema, table, (schema.quoted_function, schema.dollar_function, schema.trigger_function, schema.comment), 6
        )
    if chance < 0.93:
        return f"views of {table.name}", _mixed(schema, table, (schema.view, schema.comment), count)
    if chance < 0.97:
        return f"checks of {table.name}", _mixed(
            schema, table, (schema.constraint, schema.comment, schema.drop_column), 6
        )
    return f"indexes of {table.name}", _mixed(schema, table, (schema.index, schema.comment), 6)


def _feature(schema: Schema) -> tuple[str, list[str]]:
    made = []
    for _ in range(schema.random.choice((1, 2, 2, 3))):
        made.append(schema.table())
        table = schema.tables[-1]
        made += _mixed(schema, table, (schema.index, schema.index, schema.comment), schema.random.randint(2, 5))
    return f"add {schema.tables[-1].name}", made


def _mixed(schema: Schema, table: Table, kinds: tuple[Callable[[Table], str], ...], count: int) -> list[str]:
    return [schema.random.choice(kinds)(table) for _ in range(count)]


def _few_rows(schema: Schema) -> Callable[[Table], str]:
    return lambda table: schema.rows(table, schema.random.choice((1, 2, 3, 5, 12)))


def _careful(schema: Schema) -> Iterator[str]:
    """Tables and what belongs to them, without a finding."""
    while True:
        made = [schema.table()]
        table = schema.tables[-1]
        made += _mixed(schema, table, (schema.index, schema.comment, schema.set_default), schema.random.randint(2, 8))
        made.append(schema.quoted_function(table))
        for statement in made:
            yield f"-- {schema.remark()}\n{statement}"


def _careless(schema: Schema) -> Iterator[str]:
    """Tables, and statements that fail when the file is run again: about one finding in five lines."""
    while True:
        yield schema.table()
        table = schema.tables[-1]
        for _ in range(schema.random.randint(8, 16)):
            serial = schema.random.randrange(10**9)
            owner = next(each for each in table.columns if each.endswith("_id"))
            yield schema.random.choice(
                (
                    f"CREATE INDEX idx_again_{serial} ON {table.name} ({owner});",
                    f"ALTER TABLE {table.name} ADD COLUMN again_{serial} text;",
                    f"-- {schema.remark()}\nINSERT INTO {table.name} ({owner}) SELECT id FROM {owner[:-3]}s;",
                    f"CREATE TABLE again_{serial} (\n  id integer PRIMARY KEY,\n  note text\n);",
                )
            )


def _migration(schema: Schema, number: str, topic: str, statements: list[str], rollback: str = "") -> str:
    """A whole file: header, remarks and statements."""
    parts = [_header(number, topic, schema, rollback)]
    for statement in statements:
        remark = f"-- {schema.remark()}\n" if schema.random.random() < 0.9 else ""
        parts.append(f"{remark}{statement}\n\n")
    return "".join(parts)


def _header(number: str, topic: str, schema: Schema, rollback: str = "") -> str:
    undo = f"--\n-- Rollback:\n--   {rollback}\n" if rollback else ""
    aims = "".join(f"-- {schema.remark()}\n" for _ in range(schema.random.randint(2, 10)))
    return f"-- Migration {number}: {topic}\n--\n{aims}{undo}\n"


def _single_name(lines: int, findings: bool, wide: bool) -> str:
    return f"lines-{lines}{'-findings' if findings else ''}{'-wide' if wide else ''}"


def _width(count: int) -> int:
    return max(3, len(str(count + 10)))


def _corpus(name: str, sql: dict[str, str], width: int, broken: int = 0, subject: str = "") -> Corpus:
    files = {f"{FOLDER}/{path}": text for path, text in sql.items()}
    files[MANIFEST] = json.dumps({"migrationFiles": list(sql)}, indent=2) + "\n"
    files["mig-lsp.toml"] = (
        f'[migrations]\ndirectory = "{FOLDER}"\nmanifest = "{MANIFEST}"\nnumber-width = {width}\n'
        'base-ref = "refs/heads/no-such-branch"\n'
    )
    return Corpus(name, files, broken, subject and f"{FOLDER}/{subject}")
