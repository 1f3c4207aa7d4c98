"""What `mig-lsp.toml` and the editors' settings say, as one frozen value.

The annotated fields below are the only source of names, types, defaults and documentation: the reader
(`read`), its messages and the published JSON Schema (`schema`) are derived from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal, NamedTuple, get_args

from mig_lsp.core.change import Severity
from mig_lsp.core.config.keys import Choice, Key, Number, Text
from mig_lsp.core.text import Span

Profile = Literal["rds-data-api", "drizzle-migrator", "psql", "psql-single-transaction"]
SEVERITIES: Mapping[str, Severity | None] = {**{severity.word: severity for severity in Severity}, "off": None}


def inside(path: str) -> str | None:
    """*path* with `/` and without `.` and `..`, "" for the folder itself; None when it is absolute or leads out.

    What any operating system would take for absolute, for a drive or for a way up is refused on all of them.
    """
    if not path or path[0] in "/\\" or _CONTROL.search(path):
        return None
    parts: list[str] = []
    for part in path.replace("\\", "/").split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif not part.strip(". ") or _DRIVE.match(part):
            return None  # Windows reads ".. " as a way up
        else:
            parts.append(part)
    return "/".join(parts)


def number_range(text: str) -> range | None:
    """The numbers that "001-005" or "7" stand for; None when *text* is no such thing."""
    if not re.fullmatch(_RANGE, text):
        return None
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1) or None


def _path(text: str) -> str | None:
    path = inside(text)
    return path if path is None else path or "."


def _range(text: str) -> str | None:
    return text if number_range(text) else None


_RANGE = "^[0-9]{1,9}(-[0-9]{1,9})?$"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile("[A-Za-z]:")
_WORD = Text("text that is not empty", r"^[^\x00-\x1f\x7f]+$")
_PATH = Text(
    "a path below the folder of the configuration file",
    r"^(?![/\\]|[A-Za-z]:|\.\.([/\\]|$))[^\x00-\x1f\x7f]+$",
    _path,
)
_RANGES = Text("a list of numbers or ranges in quotes", _RANGE, _range, many=True)
_MIGRATION = Number(0, 999_999_999)
_REF = Text("the name of a git ref", r"^[^-\s\x00-\x1f\x7f][^\s\x00-\x1f\x7f]*$")
_VARIABLE = Text("the name of an environment variable, never its value", "^[A-Za-z_][A-Za-z0-9_]*$")
_SERVICE = Text("the name of an entry of pg_service.conf", "^[A-Za-z0-9_.-]+$")
_CLUSTER = Text("the ARN of a cluster", r"^arn:aws[a-z-]*:rds:[a-z0-9-]*:[0-9]*:cluster:[^\s\x00-\x1f]+$")
_SECRET = Text(
    "the ARN of a secret, never the secret", r"^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]*:[0-9]*:secret:[^\s\x00-\x1f]+$"
)
_REGION = Text("the name of an AWS region", "^[a-z]+(-[a-z]+)+-[0-9]+$")
_ENDPOINT = Text("an address without user name and password", r"^https?://[^\s@\x00-\x1f]+$")


@dataclass(frozen=True, slots=True)
class Migrations:
    """Where the migrations are, and which of them are settled."""

    directory: Annotated[
        str | None, Key("The folder of the migration files; by default it is found by looking.", "db/schema", _PATH)
    ] = None
    manifest: Annotated[
        str | None,
        Key(
            "The file that lists the migrations in the order in which they run: TypeScript or JavaScript with an "
            "array, JSON, or drizzle-kit's journal; by default it is found by looking.",
            "db/migrations.json",
            _PATH,
        ),
    ] = None
    array: Annotated[
        str | None,
        Key("The array or JSON key that lists the migrations; by default the known names.", "MIGRATION_FILES", _WORD),
    ] = None
    initial_array: Annotated[
        str | None,
        Key(
            "The array or JSON key that lists the files for an empty database; by default the known names.",
            "INITIAL_SETUP_FILES",
            _WORD,
        ),
    ] = None
    immutable: Annotated[
        tuple[str, ...],
        Key("The numbers of files that nobody may edit, reuse or remove.", ("001-005", "017"), _RANGES),
    ] = ("001-005",)
    first_number: Annotated[int, Key("The lowest number that a new migration may get.", 10, _MIGRATION)] = 10
    number_width: Annotated[
        int, Key("How many digits the number in a new file name has at least.", 3, Number(1, 9))
    ] = 3
    base_ref: Annotated[
        str | None,
        Key(
            "The git ref whose migrations count as merged and whose numbers as taken; by default the head of origin.",
            "origin/main",
            _REF,
        ),
    ] = None
    baseline: Annotated[
        int | None,
        Key("Files up to this number are history, like merged and applied ones; by default none.", 42, _MIGRATION),
    ] = None
    settled: Annotated[
        str,
        Key(
            "Whether everything is said of files that are merged, applied or history, or only what still matters.",
            "show",
            Choice(("hide", "show")),
        ),
    ] = "hide"
    template: Annotated[
        str | None,
        Key("A file that replaces the built-in header of new migrations.", "db/header.sql", _PATH),
    ] = None
    foreign: Annotated[
        tuple[str, ...],
        Key(
            "The numbers of files whose tables and types belong to another role than the one that runs migrations; by "
            "default none.",
            ("001-005",),
            _RANGES,
        ),
    ] = ()


@dataclass(frozen=True, slots=True)
class RunnerConfig:
    """What carries the migrations out."""

    profile: Annotated[
        Profile,
        Key(
            "How the runner splits a file, sends its chunks and opens transactions.",
            "rds-data-api",
            Choice(get_args(Profile)),
        ),
    ] = "rds-data-api"
    postgres_version: Annotated[int, Key("The major version of the server.", 15, Number(10, 99))] = 15


@dataclass(frozen=True, slots=True)
class Drizzle:
    """Where Drizzle keeps its schema and drizzle-kit its output."""

    migrations: Annotated[
        str, Key("The folder into which drizzle-kit writes its SQL files.", "drizzle/migrations", _PATH)
    ] = "drizzle/migrations"
    schema: Annotated[
        str | None,
        Key(
            "The TypeScript file or folder of the Drizzle schema; by default it is found by looking.",
            "lib/db/schema",
            _PATH,
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class RuleConfig:
    """How one rule reports."""

    severity: Annotated[
        str | None,
        Key("How bad the findings of the rule are; off silences it.", "warning", Choice(tuple(SEVERITIES))),
    ] = None


@dataclass(frozen=True, slots=True)
class PostgresLog:
    """migration_log is read over a PostgreSQL connection; exactly one of the two keys is set."""

    source: ClassVar[str] = "postgres"
    one_of: ClassVar[tuple[str, ...]] = ("url-env", "service")

    url_env: Annotated[
        str | None,
        Key(
            "The environment variable that holds the connection URL; the URL itself never stands in the file.",
            "DATABASE_URL",
            _VARIABLE,
            private=True,
        ),
    ] = None
    service: Annotated[
        str | None, Key("The entry of pg_service.conf to connect to.", "prod", _SERVICE, private=True)
    ] = None


@dataclass(frozen=True, slots=True)
class RdsDataApiLog:
    """migration_log is read through the RDS Data API, with the credentials that the AWS SDK finds."""

    source: ClassVar[str] = "rds-data-api"
    one_of: ClassVar[tuple[str, ...]] = ()

    cluster_arn: Annotated[
        str,
        Key("The ARN of the cluster.", "arn:aws:rds:eu-west-1:123456789012:cluster:app-prod", _CLUSTER, private=True),
    ]
    secret_arn: Annotated[
        str,
        Key(
            "The ARN of the secret that holds the credentials of the database user; the secret itself stays in AWS.",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-prod-AbCdEf",
            _SECRET,
            private=True,
        ),
    ]
    database: Annotated[str, Key("The name of the database.", "app", _WORD, private=True)]
    region: Annotated[
        str | None, Key("The AWS region; by default the one in cluster-arn.", "eu-west-1", _REGION, private=True)
    ] = None
    profile: Annotated[
        str | None, Key("The profile of the AWS configuration; by default the SDK's.", "readonly", _WORD, private=True)
    ] = None
    endpoint_url: Annotated[
        str | None,
        Key(
            "Another address of the RDS Data API, for example of an emulator.", "http://localhost:8080", _ENDPOINT, True
        ),
    ] = None


@dataclass(frozen=True, slots=True)
class FileLog:
    """migration_log is read from an exported CSV file (header line) or JSON file (list of rows)."""

    source: ClassVar[str] = "file"
    one_of: ClassVar[tuple[str, ...]] = ()

    path: Annotated[
        str, Key("The exported file; its columns are named as in the table.", "db/migration-log.csv", _PATH)
    ]


LogSource = PostgresLog | RdsDataApiLog | FileLog
LOG_SOURCES: Mapping[str, type[PostgresLog] | type[RdsDataApiLog] | type[FileLog]] = {
    kind.source: kind for kind in (PostgresLog, RdsDataApiLog, FileLog)
}
ENVIRONMENT = Text("letters, digits, dots, - and _", "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$")


@dataclass(frozen=True, slots=True)
class LogSourceKind:
    """What every table of an environment says first."""

    source: Annotated[
        str, Key("Where migration_log of this environment is read from.", "postgres", Choice(tuple(LOG_SOURCES)))
    ]


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration. In *rules*, None is "off"; *log* is in deployment order."""

    migrations: Migrations = Migrations()
    runner: RunnerConfig = RunnerConfig()
    drizzle: Drizzle = Drizzle()
    rules: Mapping[str, Severity | None] = field(default_factory=dict, hash=False)
    log: Mapping[str, LogSource] = field(default_factory=dict, hash=False)


DEFAULT = Config()


class ConfigProblem(NamedTuple):
    """One thing that cannot be read, and the stretch of the configuration file where it stands."""

    span: Span
    message: str


def rule_severity(config: Config, rule: str, default: Severity | None) -> Severity | None:
    """How bad the findings of *rule* are, None when it is off; *default* is for a rule that is not configured."""
    return config.rules.get(rule, default)


def foreign_numbers(config: Config) -> tuple[range, ...]:
    """The numbers of the files whose objects belong to another role."""
    ranges = (number_range(text) for text in config.migrations.foreign)
    return tuple(numbers for numbers in ranges if numbers is not None)


def immutable_numbers(config: Config) -> tuple[range, ...]:
    """The numbers of the files that nobody may edit."""
    ranges = (number_range(text) for text in config.migrations.immutable)
    return tuple(numbers for numbers in ranges if numbers is not None)
