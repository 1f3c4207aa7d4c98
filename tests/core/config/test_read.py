from __future__ import annotations

import pickle

import pytest

from mig_lsp.core.change import Severity
from mig_lsp.core.config.model import (
    DEFAULT,
    Config,
    Drizzle,
    FileLog,
    Migrations,
    PostgresLog,
    RdsDataApiLog,
    RunnerConfig,
    immutable_numbers,
    inside,
    number_range,
    rule_severity,
)
from mig_lsp.core.config.read import from_settings, read

RULES = ("do-block", "split-statement", "missing-rollback")
CLUSTER = "arn:aws:rds:eu-west-1:123456789012:cluster:app"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-AbCdEf"


def found(text: str) -> list[tuple[str, str]]:
    """The problems of *text*, each with the stretch it stands at."""
    return [(text[slice(*problem.span)], problem.message) for problem in read(text, RULES)[1]]


def test_every_key_is_read() -> None:
    text = f"""
        [migrations]
        directory = "infra/database/schema"
        manifest = 'infra\\database\\lambda\\db-init-handler.ts'
        array = "MIGRATION_FILES"
        initial-array = "INITIAL_SETUP_FILES"
        immutable = ["001-005", "17"]
        first-number = 20
        number-width = 4
        base-ref = "origin/main"
        baseline = 42
        settled = "show"
        template = "./é/😀.sql"
        foreign = ["1-5"]
        [runner]
        profile = "psql"
        postgres-version = 17
        [drizzle]
        migrations = "drizzle/out"
        schema = "lib/db/schema"
        [rules.do-block]
        severity = "off"
        [rules.missing-rollback]
        severity = "hint"
        [log.local]
        source = "file"
        path = "log.csv"
        [log.dev]
        source = "postgres"
        url-env = "DATABASE_URL"
        [log.staging]
        source = "postgres"
        service = "staging"
        [log.prod]
        source = "rds-data-api"
        cluster-arn = "{CLUSTER}"
        secret-arn = "{SECRET}"
        database = "app"
        region = "eu-west-1"
        profile = "readonly"
        endpoint-url = "http://localhost:8080"
        """
    expected = Config(
        Migrations(
            "infra/database/schema",
            "infra/database/lambda/db-init-handler.ts",
            "MIGRATION_FILES",
            "INITIAL_SETUP_FILES",
            ("001-005", "17"),
            20,
            4,
            "origin/main",
            42,
            "show",
            "é/😀.sql",
            ("1-5",),
        ),
        RunnerConfig("psql", 17),
        Drizzle("drizzle/out", "lib/db/schema"),
        {"do-block": None, "missing-rollback": Severity.HINT},
        {
            "local": FileLog("log.csv"),
            "dev": PostgresLog(url_env="DATABASE_URL"),
            "staging": PostgresLog(service="staging"),
            "prod": RdsDataApiLog(CLUSTER, SECRET, "app", "eu-west-1", "readonly", "http://localhost:8080"),
        },
    )
    assert (expected, ()) == read(text, RULES)
    assert (expected, ()) == read(text.replace("\n", "\r\n"), RULES)


def test_environments_keep_the_order_of_the_file() -> None:
    text = "".join(f'[log.{name}]\nsource = "file"\npath = "{name}.csv"\n' for name in ("prod", "dev", "a"))
    assert list(read(text, RULES)[0].log) == ["prod", "dev", "a"]


@pytest.mark.parametrize("text", ["", "\ufeff", "# nothing\r\n", "[migrations]\n[rules.do-block]\n[log]\n"])
def test_nothing_said_is_the_default(text: str) -> None:
    assert read(text, RULES) == (DEFAULT, ())


def test_a_configuration_is_a_value() -> None:
    config, _ = read('[rules.do-block]\nseverity = "off"\n[log.a]\nsource = "file"\npath = "a"\n', RULES)
    copy = pickle.loads(pickle.dumps(config))
    assert config == copy
    assert hash(config) == hash(copy)
    assert config != DEFAULT


@pytest.mark.parametrize(
    ("text", "place", "parts"),
    [
        # unknown names stand at the key and come with the nearest name
        ("[migrations]\ndirectroy = 'a'", "directroy", ["migrations.directroy is unknown", "did you mean directory?"]),
        ("[migrations]\nfirst_number = 1", "first_number", ["did you mean first-number?"]),
        ("[migrations]\nzzz.a = 1", "zzz", ["migrations.zzz is unknown", "the keys of [migrations] are directory, "]),
        ("[migration]\na = 1", "migration", ["did you mean migrations?"]),
        ("zzz = 1", "zzz", ["the tables are migrations, runner, drizzle, rules, log"]),
        ("[rules.do-blok]\nseverity = 'off'", "do-blok", ["rules.do-blok is unknown", "did you mean do-block?"]),
        ("[rules.do-block]\nlevel = 'off'", "level", ["rules.do-block.level", "[rules.do-block] are severity"]),
        ("[log.a]\nsource = 'file'\npath = 'a'\nfile = 'b'", "file", ["log.a.file is unknown"]),
        # wrong values stand at the value and come with what is allowed
        ("[migrations]\ndirectory = 3", "3", ["migrations.directory is 3", 'for example directory = "db/schema"']),
        ("[migrations]\ndirectory = '/é'", "'/é'", ["'/é'", "below the folder of the configuration file"]),
        ("[migrations]\ndirectory = 'a/../../b'", "'a/../../b'", ["migrations.directory is 'a/../../b'"]),
        ("[migrations]\nmanifest = ''", "''", ["migrations.manifest is ''"]),
        ("[migrations]\ntemplate = 'C:/x'", "'C:/x'", ["migrations.template is 'C:/x'"]),
        ("[migrations]\nfirst-number = '10'", "'10'", ["is '10'", "write a whole number from 0 to 999999999"]),
        ("[migrations]\nfirst-number = true", "true", ["migrations.first-number is true"]),
        ("[migrations]\nbaseline = -1", "-1", ["migrations.baseline is -1"]),
        ("[migrations]\nbaseline = nan", "nan", ["migrations.baseline is nan"]),
        ("[migrations]\nnumber-width = 1979-05-27", "1979-05-27", ["migrations.number-width is a date"]),
        ("[migrations]\nbaseline = 0x" + "f" * 9000, "0x" + "f" * 9000, ["migrations.baseline is a number"]),
        ("[migrations]\nbase-ref = '--exec=x'", "'--exec=x'", ["migrations.base-ref", "the name of a git ref"]),
        ("[migrations]\nimmutable = '001'", "'001'", ["write a list of numbers", '["001-005", "017"]']),
        ("[migrations]\nimmutable = ['1', '5-1']", "'5-1'", ["One of migrations.immutable is '5-1'"]),
        ("[migrations]\nimmutable = [['1']]", "['1']", ["One of migrations.immutable is a list"]),
        ("[migrations]\narray = {}", "{}", ["migrations.array is a table"]),
        ('[migrations]\narray = "a\\tb\u202e"', '"a\\tb\u202e"', [r"'a\tb\u202e'"]),
        ("[runner]\nprofile = 'rds-data-ap'", "'rds-data-ap'", ['"psql"', "did you mean rds-data-api?"]),
        ("[runner]\npostgres-version = 15.4", "15.4", ["runner.postgres-version is 15.4"]),
        ("[rules.do-block]\nseverity = 'warn'", "'warn'", ['"error", "warning", "info", "hint", "off"', "warning?"]),
        ("[rules]\ndo-block = 'off'", "'off'", ['write a table, [rules.do-block] with severity = "off" in it']),
        ("runner = 'psql'", "'psql'", ["runner is 'psql'", "write a table, [runner]"]),
        ("[[runner]]\nprofile = 'psql'", "[[runner]]", ["runner is a list"]),
        ("[log.'a b']", "'a b'", ["The name of an environment is 'a b'"]),
        ("[log.'../a']", "'../a'", ["The name of an environment is '../a'"]),
        ("[log]\na = 'file'", "'file'", ["log.a is 'file'", "write a table, [log.a]"]),
        # what an environment lacks stands at its name
        ("[log.a]\nurl-env = 'X'", "a", ["log.a has no source", '"postgres", "rds-data-api", "file"']),
        ("[log.a]\nsource = 'postgre'", "'postgre'", ["log.a.source is 'postgre'", "did you mean postgres?"]),
        ("[log.a]\nsource = 'postgres'", "a", ["log.a has none of url-env, service"]),
        ("[log.a]\nsource = 'postgres'\nservice = 'a'\nurl-env = 'A'", "a", ["log.a has too many of url-env, service"]),
        (f"[log.a]\nsource = 'rds-data-api'\nsecret-arn = '{SECRET}'", "a", ["no cluster-arn and no database"]),
        ("[log.a]\nsource = 'file'", "a", ["log.a has no path"]),
        ("[log.a]\nsource = 'file'\npath = '\\\\\\\\host\\\\x'", "'\\\\\\\\host\\\\x'", ["log.a.path is "]),
        # what is not TOML stands where it breaks
        ("[runner]\nprofile = psql", "psql", ["text needs double quotes"]),
        ("[runner]\nprofile =", "profile =", ["A value is missing"]),
    ],
)
@pytest.mark.parametrize("before", ["", "# é😀\r\n"])
def test_a_mistake_is_one_problem_at_its_place(text: str, place: str, parts: list[str], before: str) -> None:
    ((found_place, message),) = found(before + text)
    assert place == found_place
    assert [part for part in parts if part not in message] == []
    assert "\n" not in message
    assert len(message) < 300


def test_the_rest_of_a_broken_file_counts() -> None:
    text = """
        [migrations]
        directory = infra
        manifest = "m.ts"
        immutable = ["7", "x"]
        first-number = "x"
        [runner
        profile = "psql"
        [log.dev]
        source = "file"
        path = "../x"
        [log.prod]
        source = "file"
        path = "x"
        """
    config, problems = read(text, RULES)
    expected = Config(Migrations(manifest="m.ts", immutable=("7",)), RunnerConfig("psql"), log={"prod": FileLog("x")})
    assert expected == config
    assert [text[slice(*problem.span)] for problem in problems] == ["infra", '"x"', '"x"', "[runner", '"../x"']


def test_a_list_of_nothing_but_mistakes_protects_what_the_default_protects() -> None:
    config, problems = read('[migrations]\nimmutable = ["O01-O05"]', RULES)
    assert config == DEFAULT
    assert len(problems) == 1


PASSWORD = "hunter2-é😀"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"password = '{PASSWORD}'", "password"),
        (f"PGPASSWORD = '{PASSWORD}'", "PGPASSWORD"),
        (f"aws-secret-access-key = '{PASSWORD}'", "aws-secret-access-key"),
        ("db_pwd = 123456", "db_pwd"),
        (f"url = 'postgres://me:{PASSWORD}@host/db'", f"'postgres://me:{PASSWORD}@host/db'"),
        (f"url-env = 'postgres://me:{PASSWORD}@host/db'", f"'postgres://me:{PASSWORD}@host/db'"),
        (f"url-env = 'postgres://me:a/{PASSWORD}@host/db'", f"'postgres://me:a/{PASSWORD}@host/db'"),
        (f"service = 'host=x password = {PASSWORD}'", f"'host=x password = {PASSWORD}'"),
        (f"endpoint = ['http://me:{PASSWORD}@host']", f"'http://me:{PASSWORD}@host'"),
        (f"'http://me:{PASSWORD}@host' = 1", f"'http://me:{PASSWORD}@host'"),
        (f"more = {{ deep = {{ token = '{PASSWORD}' }} }}", "token"),
        (f"url-env = '{PASSWORD}'", f"'{PASSWORD}'"),
        ("url-env = 123456", "123456"),
        (f"service = '{PASSWORD}'", f"'{PASSWORD}'"),
    ],
)
@pytest.mark.parametrize("head", ["[log.dev]\nsource = 'postgres'\n", "[migrations]\n", "[rules.do-block]\n", ""])
def test_a_password_is_never_repeated(text: str, place: str, head: str) -> None:
    config, problems = read(head + text, RULES)
    said = [(head + text)[slice(*problem.span)] for problem in problems]
    assert head[:8] != "[log.dev" or place in said
    assert problems
    assert not [problem for problem in problems if PASSWORD in problem.message or "123456" in problem.message]
    assert PASSWORD not in repr(config)


@pytest.mark.parametrize("value", ["'postgres://u:pw@h/d'", "'x password=pw'"])
@pytest.mark.parametrize("section", ["migrations", "runner", "drizzle"])
def test_a_url_with_a_password_is_found_anywhere(section: str, value: str) -> None:
    ((place, message),) = found(f"[{section}]\nschema = {value}")
    assert value == place
    assert f"{section}.schema holds a password" in message
    assert "Never write it here" in message


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a", "a"),
        ("./a//b/", "a/b"),
        ("a\\b", "a/b"),
        ("a/../b", "b"),
        (".", ""),
        ("a/..", ""),
        ("é/😀.sql", "é/😀.sql"),
        (".hidden/..x", ".hidden/..x"),
        ("", None),
        ("/a", None),
        ("\\a", None),
        ("//host/share", None),
        ("\\\\host\\share", None),
        ("..", None),
        ("../a", None),
        ("a/../../b", None),
        ("a\\..\\..\\b", None),
        ("C:\\a", None),
        ("c:a", None),
        ("a/../c:/b", None),
        ("a/.. /.. /b", None),
        ("...", None),
        ("a\x00b", None),
        ("a\nb", None),
    ],
)
def test_a_path_stays_inside(path: str, expected: str | None) -> None:
    assert expected == inside(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("001-005", range(1, 6)),
        ("7", range(7, 8)),
        ("0-0", range(1)),
        ("5-1", None),
        ("", None),
        ("1-", None),
        ("1-2-3", None),
        ("-1", None),
        ("1\n", None),
        ("٣", None),
        ("9" * 10, None),
    ],
)
def test_number_ranges(text: str, expected: range | None) -> None:
    assert expected == number_range(text)


def test_immutable_numbers() -> None:
    assert (range(1, 6),) == immutable_numbers(DEFAULT)
    assert (range(2, 3), range(4, 6)) == immutable_numbers(Config(Migrations(immutable=("2", "4-5", "bad"))))


def test_rule_severity() -> None:
    config = Config(rules={"do-block": None, "split-statement": Severity.HINT})
    found = [rule_severity(config, rule, Severity.ERROR) for rule in RULES]
    expected = [None, Severity.HINT, Severity.ERROR]
    assert expected == found


BASE, _ = read(
    """
    [migrations]
    directory = "a"
    first-number = 20
    [rules.do-block]
    severity = "off"
    [log.dev]
    source = "file"
    path = "dev.csv"
    """,
    RULES,
)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (None, BASE),
        ({}, BASE),
        ({"migLsp": None}, BASE),
        ({"trace": {"server": "off"}, "path": "x", 3: 4}, BASE),
        ({"migrations": {"directory": None, "firstNumber": 30}}, Config(Migrations("a", first_number=30))),
        ({"migLsp": {"migrations": {"first-number": 30.0}}}, Config(Migrations("a", first_number=30))),
        ({"migrations": {"immutable": []}}, Config(Migrations("a", immutable=(), first_number=20))),
        ({"runner": {"postgresVersion": 17}}, Config(BASE.migrations, RunnerConfig(postgres_version=17))),
        ({"rules": {"splitStatement": {"severity": "info"}}}, Config(rules={"split-statement": Severity.INFO})),
        ({"rules": {"do-block": {"severity": "error"}}}, Config(rules={"do-block": Severity.ERROR})),
        (
            {"log": {"prodEU": {"source": "postgres", "urlEnv": "X"}, "dev": {"source": "postgres", "service": "s"}}},
            Config(log={"prodEU": PostgresLog("X"), "dev": PostgresLog(service="s")}),
        ),
    ],
)
def test_settings_win_over_the_file(settings: object, expected: Config) -> None:
    config, messages = from_settings(BASE, settings, RULES)
    assert messages == ()
    assert (expected.migrations if expected.migrations != Migrations() else BASE.migrations) == config.migrations
    assert (expected.runner, expected.drizzle) == (config.runner, config.drizzle)
    assert ({**BASE.rules, **expected.rules}, {**BASE.log, **expected.log}) == (config.rules, config.log)


@pytest.mark.parametrize(
    ("settings", "parts"),
    [
        ("x", ["migLsp is not an object"]),
        ([], ["migLsp is not an object"]),
        ({"runner": 7}, ["migLsp.runner is 7"]),
        ({"runner": {"profile": ["psql"]}}, ["migLsp.runner.profile is a list"]),
        ({"runner": {"postgresVersion": "15"}}, ["migLsp.runner.postgres-version is '15'"]),
        ({"migrations": {"directroy": "x"}}, ["migLsp.migrations.directroy is unknown"]),
        ({"migrations": {"directory": "/etc"}}, ["migLsp.migrations.directory is '/etc'"]),
        ({"rules": {"do-blok": {}}}, ["migLsp.rules.do-blok is unknown"]),
        ({"log": {"a": {"b": {"c": {"d": {"e": 1}}}}}}, ["migLsp.log.a has no source"]),
        ({"log": {"a": {"source": "postgres", "service": "s", "password": "x"}}}, ["migLsp.log.a.password looks like"]),
    ],
)
def test_wrong_settings_are_messages(settings: object, parts: list[str]) -> None:
    _, messages = from_settings(BASE, settings, RULES)
    assert len(parts) == len(messages)
    assert [part for part, message in zip(parts, messages, strict=True) if part not in message] == []


def test_rule_names_of_settings_are_not_checked_without_a_list() -> None:
    config, messages = from_settings(DEFAULT, {"rules": {"any-name": {"severity": "off"}}})
    assert (Config(rules={"any-name": None}), ()) == (config, messages)


def test_a_deep_setting_is_no_danger() -> None:
    deep: list[object] = []
    for _ in range(50_000):
        deep = [deep]
    _, messages = from_settings(DEFAULT, {"migrations": {"immutable": deep}})
    assert len(messages) == 1
