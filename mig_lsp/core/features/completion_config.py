"""Completion in `mig-lsp.toml`: tables, keys and values, from the definition of the configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator

from mig_lsp.core.config.keys import Choice, Key, defaults
from mig_lsp.core.config.model import SEVERITIES
from mig_lsp.core.config.toml import Table, parse
from mig_lsp.core.features.completion_item import Completion, ranked
from mig_lsp.core.features.config_place import TABLES, ConfigPlace, config_place, keys_in, table_at
from mig_lsp.core.rules import all_rules
from mig_lsp.core.snapshot import File, Plan, Snapshot
from mig_lsp.core.text import Span


def in_config(snapshot: Snapshot, file: File, offset: int) -> list[Completion]:
    """What the table at *offset* may hold, without what it holds already."""
    place = config_place(file.lines, offset)
    if place is None:
        return []
    root = parse(file.text).root
    if place.where == "table":
        found = _tables(root, place.span)
    elif place.where == "key":
        found = _keys(root, place)
    else:
        found = _values(snapshot.plan, root, place)
    begun = place.before.strip("\"'").lower()
    return [each for each in found if begun in each.label.lower()]


def _tables(root: Table, span: Span) -> Iterator[Completion]:
    for number, (name, kind) in enumerate(TABLES.items()):
        if table_at(root, (name,)) is None:
            summary = (kind.__doc__ or "").partition("\n")[0]
            yield Completion(name, f"{name}]", span, "key", "table", summary, ranked(0, number))
    for environment in ("dev", "staging", "prod"):
        if table_at(root, ("log", environment)) is None:
            documentation = "Where migration_log of one environment is read from."
            yield Completion(
                f"log.{environment}", f"log.{environment}]", span, "key", "table", documentation, ranked(1)
            )
    for rule in all_rules():
        if table_at(root, ("rules", rule.name)) is None:
            name = f"rules.{rule.name}"
            yield Completion(name, f"{name}]", span, "rule", rule.category, rule.summary, ranked(2))


def _keys(root: Table, place: ConfigPlace) -> Iterator[Completion]:
    if not place.table:
        # Outside of a table only tables can stand.
        for each in _tables(root, place.span):
            yield each._replace(label=f"[{each.label}]", insert=f"[{each.insert}")
        return
    if place.table == ("rules",):
        for rule in all_rules():
            name = f"{rule.name}.severity"
            yield Completion(name, f"{name} = ", place.span, "rule", rule.category, rule.summary)
        return
    table = table_at(root, place.table)
    used = set(table.entries) - {place.before} if table is not None else set()
    for number, (name, key) in enumerate(keys_in(place.table, root).items()):
        if name not in used:
            yield Completion(name, f"{name} = ", place.span, "key", _detail(place.table, name), key.doc, ranked(number))


def _detail(table: tuple[str, ...], name: str) -> str:
    kind = TABLES.get(table[0]) if len(table) == 1 else None
    default = defaults(kind).get(name) if kind is not None else None
    if default is None:
        return ""
    return f"default {json.dumps(list(default) if isinstance(default, tuple) else default, ensure_ascii=False)}"


def _values(plan: Plan, root: Table, place: ConfigPlace) -> Iterator[Completion]:
    if place.table == ("rules",) and place.key.endswith(".severity"):
        yield from _texts(tuple(SEVERITIES), place.span, "")
        return
    key = keys_in(place.table, root).get(place.key)
    if key is None:
        return
    if isinstance(key.accepts, Choice):
        yield from _texts(key.accepts.words, place.span, key.doc)
        return
    yield from _texts(_known(plan, place), place.span, key.doc)
    yield from _example(key, place.span)


def _known(plan: Plan, place: ConfigPlace) -> tuple[str, ...]:
    """What the workspace itself suggests: its manifest and its directory."""
    folder = (plan.config_path or "").rpartition("/")[0]
    paths: tuple[str, ...] = ()
    if place.table == ("migrations",) and place.key == "manifest":
        paths = (*((plan.manifest.path,) if plan.manifest else ()), *plan.stale)
    elif place.table == ("migrations",) and place.key == "directory":
        paths = (plan.directory,) if plan.directory else ()
    elif place.table == ("migrations",) and place.key == "array" and plan.manifest and plan.manifest.array:
        return (plan.manifest.array,)
    prefix = f"{folder}/" if folder else ""
    return tuple(path.removeprefix(prefix) for path in paths if path.startswith(prefix))


def _texts(texts: tuple[str, ...], span: Span, documentation: str) -> Iterator[Completion]:
    for number, text in enumerate(texts):
        yield Completion(
            text, json.dumps(text, ensure_ascii=False), span, "value", "", documentation, ranked(0, number)
        )


def _example(key: Key, span: Span) -> Iterator[Completion]:
    example = key.example
    for each in example if isinstance(example, tuple) else (example,):
        written = json.dumps(each)
        yield Completion(str(each), written, span, "value", "an example", key.doc, ranked(1))
