"""Reads `mig-lsp.toml` and the editors' settings into a `Config`.

Nothing here raises on what a user wrote: what cannot be read is said and has no effect, and everything else counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace

from mig_lsp.core.change import Severity
from mig_lsp.core.config.keys import Say, read_keys, required_keys, unknown, wrong
from mig_lsp.core.config.model import (
    DEFAULT,
    ENVIRONMENT,
    LOG_SOURCES,
    SEVERITIES,
    Config,
    ConfigProblem,
    Drizzle,
    LogSource,
    LogSourceKind,
    Migrations,
    RuleConfig,
    RunnerConfig,
)
from mig_lsp.core.config.secrets import take_out
from mig_lsp.core.config.toml import Entry, Scalar, Table, Value, parse
from mig_lsp.core.text import Span


def read(text: str, rules: Collection[str]) -> tuple[Config, tuple[ConfigProblem, ...]]:
    """What the configuration file *text* says, and what in it cannot be read, in file order.

    *rules* are the names of all rules. What cannot be read has no effect; everything else counts.
    """
    document = parse(text)
    problems = [ConfigProblem(*problem) for problem in document.problems]

    def say(span: Span, message: str) -> None:
        if len(problems) < _MOST_PROBLEMS:
            problems.append(ConfigProblem(span, message))

    config = _merged(DEFAULT, document.root, "", rules, say)
    return config, tuple(sorted(problems))


def from_settings(
    base: Config, settings: object, rules: Collection[str] | None = None
) -> tuple[Config, tuple[str, ...]]:
    """*base* with the editor's settings on top, and what in them cannot be read.

    *settings* is what JSON can hold: the section `migLsp`, or an object with that section. Names may be in camelCase,
    null means unset, and sections that the configuration file does not have are the editor's own. An environment under
    `log` replaces the one of the file as a whole. The names of rules are checked when *rules* is given.
    """
    if isinstance(settings, Mapping):
        settings = settings.get("migLsp", settings)
    if settings is None:
        return base, ()
    if not isinstance(settings, Mapping):
        return base, (
            "migLsp is not an object, so the settings have no effect: write migLsp.migrations.directory, say",
        )
    messages: list[str] = []

    def say(_: Span, message: str) -> None:
        if len(messages) < _MOST_PROBLEMS:
            messages.append(message)

    sections = {name: value for name, value in settings.items() if name in _SECTIONS}
    return _merged(base, _table(sections), "migLsp.", rules, say), tuple(messages)


_MOST_PROBLEMS = 100
_SECTIONS = ("migrations", "runner", "drizzle", "rules", "log")
_NOWHERE = Span(0, 0)


def _merged(base: Config, root: Table, prefix: str, rules: Collection[str] | None, say: Say) -> Config:
    """*base* with what the tables in *root* say."""
    take_out(root, prefix, say)
    tables: dict[str, Table] = {}
    for name, entry in root.entries.items():
        data = entry.value.data
        if isinstance(data, Table) and name in _SECTIONS:
            tables[name] = data
        elif data is not None and name in _SECTIONS:
            say(entry.value.span, wrong(prefix + name, entry.value, "a table", f", [{name}]"))
        elif data is not None:
            say(entry.key, unknown(prefix + name, name, _SECTIONS, "the tables are"))
    nothing = Table("header")
    migrations = read_keys(Migrations, tables.get("migrations", nothing), f"{prefix}migrations", say)
    runner = read_keys(RunnerConfig, tables.get("runner", nothing), f"{prefix}runner", say)
    drizzle = read_keys(Drizzle, tables.get("drizzle", nothing), f"{prefix}drizzle", say)
    return Config(
        replace(base.migrations, **migrations),
        replace(base.runner, **runner),
        replace(base.drizzle, **drizzle),
        {**base.rules, **_rules(tables.get("rules", nothing), f"{prefix}rules", rules, say)},
        {**base.log, **_log(tables.get("log", nothing), f"{prefix}log", say)},
    )


def _rules(table: Table, name: str, rules: Collection[str] | None, say: Say) -> dict[str, Severity | None]:
    found: dict[str, Severity | None] = {}
    for rule, entry in table.entries.items():
        value = entry.value
        if value.data is None:
            continue
        if rules is not None and rule not in rules:
            say(entry.key, unknown(f"{name}.{rule}", rule, rules, "no rule has this name"))
        elif not isinstance(value.data, Table):
            say(value.span, wrong(f"{name}.{rule}", value, "a table", f', [rules.{rule}] with severity = "off" in it'))
        else:
            severity = read_keys(RuleConfig, value.data, f"{name}.{rule}", say).get("severity")
            if isinstance(severity, str):
                found[rule] = SEVERITIES[severity]
    return found


def _log(table: Table, name: str, say: Say) -> dict[str, LogSource]:
    found: dict[str, LogSource] = {}
    for environment, entry in table.entries.items():
        data = entry.value.data
        if data is None:
            continue
        if not re.fullmatch(ENVIRONMENT.pattern, environment):
            wrong_name = Value(entry.key, environment)
            say(
                entry.key,
                wrong("The name of an environment", wrong_name, ENVIRONMENT.expected, ", for example [log.prod]"),
            )
        elif not isinstance(data, Table):
            example = f', [log.{environment}] with source = "postgres" in it'
            say(entry.value.span, wrong(f"{name}.{environment}", entry.value, "a table", example))
        else:
            source = _log_source(data, entry, f"{name}.{environment}", say)
            if source is not None:
                found[environment] = source
    return found


def _log_source(table: Table, environment: Entry, name: str, say: Say) -> LogSource | None:
    """The source that *table* describes; None when it is incomplete, which is then said."""
    source = table.entries.get("source")
    if source is None:
        words = ", ".join(f'"{word}"' for word in LOG_SOURCES)
        say(environment.key, f"{name} has no source, so its log is not read: write source = one of {words}")
        return None
    word = read_keys(LogSourceKind, Table("inline", {"source": source}), name, say).get("source")
    if not isinstance(word, str):
        return None
    kind = LOG_SOURCES[word]
    rest = Table("inline", {key: entry for key, entry in table.entries.items() if key != "source"})
    read = read_keys(kind, rest, name, say)
    missing = [key for key in required_keys(kind) if key not in rest.entries]
    if missing:
        say(environment.key, f"{name} has no {' and no '.join(missing)}, so its log is not read: add what is missing")
        return None
    given = [key for key in kind.one_of if key in rest.entries]
    if kind.one_of and len(given) != 1:
        state = "too many" if given else "none"
        say(
            environment.key,
            f"{name} has {state} of {', '.join(kind.one_of)}, so its log is not read: write exactly one",
        )
        return None
    needed = (*required_keys(kind), *given)
    if any(key.replace("-", "_") not in read for key in needed):
        return None
    return kind(**read)


def _table(settings: Mapping[object, object], section: str = "", depth: int = 0) -> Table:
    """Settings as a table without positions; names in kebab-case, but those of environments as they are."""
    table = Table("inline")
    for name, value in settings.items():
        key = str(name) if depth == 1 and section == "log" else _kebab(str(name))
        data = _data(value, section or key, depth + 1)
        if data is not None:
            table.entries[key] = Entry(_NOWHERE, Value(_NOWHERE, data))
    return table


def _data(value: object, section: str, depth: int) -> Scalar | list[Value] | Table | None:
    if isinstance(value, Mapping):
        return _table(value, section, depth) if depth < 4 else Table("inline")
    if isinstance(value, list | tuple):
        return [Value(_NOWHERE, _data(item, section, 4) if depth < 4 else "") for item in value]
    return value if isinstance(value, str | int | float) else None


def _kebab(name: str) -> str:
    return re.sub("(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
