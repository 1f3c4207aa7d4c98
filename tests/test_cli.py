"""The command line as users and scripts meet it: every command in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.files import Done, build, commit, environment, git, good, run

FILES: dict[str, str | bytes] = {
    "db/schema/001-types.sql": good(1, "types"),
    "db/schema/010-users.sql": good(10, "users"),
    "db/schema/011-books.sql": good(11, "books") + "BEGIN;\n",
    "db/schema/012-loans.sql": good(12, "loans"),
    "db/migrations.json": json.dumps(
        {
            "initialSetupFiles": ["001-types.sql"],
            "migrationFiles": ["010-users.sql", "011-books.sql", "012-loans.sql"],
        },
        indent=2,
    )
    + "\n",
}
CLEAN = {**FILES, "db/schema/011-books.sql": good(11, "books")}
LOGS = """
[log.dev]
source = "file"
path = "dev.csv"
[log.prod]
source = "postgres"
url-env = "NO_SUCH_URL"
"""
BEGIN = ("db/schema/011-books.sql", "transaction-control", 7, 1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return build(tmp_path / "work", {**FILES, "mig-lsp.toml": ""})


def findings(done: Done) -> list[tuple[str, str, int, int]]:
    """Path, rule, line and column of the findings in JSON."""
    return [
        (each["path"], each["rule"], each["range"]["start"]["line"], each["range"]["start"]["column"])
        for each in json.loads(done.out)["findings"]
    ]


def test_check_finds_and_fails(root: Path) -> None:
    done = run(root, "check")
    assert done.code == 1
    assert done.err == ""
    assert done.out.startswith("db/schema/011-books.sql:7:1: error[transaction-control] BEGIN makes nothing atomic")
    assert "7 | BEGIN;\n  | ^^^^^\n" in done.out
    assert done.out.endswith("\n1 error in 6 files checked\n")


def test_check_of_a_clean_set_imports_nothing_heavy(tmp_path: Path) -> None:
    build(tmp_path, {**CLEAN, "mig-lsp.toml": ""})
    program = (
        "import sys; from mig_lsp.cli import main; code = main(['check']);"
        "heavy = {'pygls', 'lsprotocol', 'sqlglot', 'psycopg', 'boto3', 'botocore', 'asyncio', 'xml'};"
        "print(code, sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stdout == "no findings in 6 files\n0 []\n"


def test_check_shows_the_same_in_every_run(root: Path) -> None:
    assert run(root, "check", "--format", "json").out == run(root, "check", "--format", "json").out


def test_check_as_json(root: Path) -> None:
    done = run(root, "check", "--format", "json")
    assert findings(done) == [BEGIN]
    assert json.loads(done.out)["root"] == "."
    assert json.loads(done.out)["summary"] == {"files": 6, "error": 1, "warning": 0, "info": 0, "hint": 0}


@pytest.mark.parametrize("form", ["text", "json", "github", "gitlab", "sarif", "junit"])
def test_every_format_has_the_finding_and_the_exit_code(root: Path, form: str) -> None:
    done = run(root, "check", "--format", form)
    assert (done.code, done.err) == (1, "")
    assert "transaction-control" in done.out
    assert "011-books.sql" in done.out


@pytest.mark.parametrize(
    ("args", "code"),
    [
        ((), 1),
        (("--ignore", "transaction-control"), 0),
        (("--ignore", "runner"), 0),
        (("--select", "syntax-error,missing-file"), 0),
        (("--select", "syntax-error", "--select", "runner"), 1),
        (("db/schema/010-users.sql",), 0),
        (("db/schema/010-users.sql", "db/schema/011-books.sql"), 1),
        (("db/schema",), 1),
        (("db/migrations.json",), 0),
        (("--fail-on", "warning"), 1),
        (("--quiet",), 1),
    ],
)
def test_exit_codes(root: Path, args: tuple[str, ...], code: int) -> None:
    assert run(root, "check", *args).code == code


def test_fail_on(tmp_path: Path) -> None:
    build(
        tmp_path, {**CLEAN, "mig-lsp.toml": '[migrations]\nmanifest = "db/migrations.json"\n', "db/schema/09_x.sql": ""}
    )
    done = run(tmp_path, "check", "--format", "json")
    worst = min({"error": 1, "warning": 2, "info": 3}[each["severity"]] for each in json.loads(done.out)["findings"])
    assert worst > 1
    assert done.code == 0
    assert run(tmp_path, "check", "--fail-on", "info").code == 1


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (("check", "none.sql"), "none.sql is no part of a migration set, so it cannot be checked"),
        (("check", "../x.sql"), "../x.sql is not below the root of the workspace, ."),
        (("check", "--select", "transaction-controll"), "did you mean transaction-control?"),
        (("check", "--ignore", "zzz"), "there is no rule or category named zzz: 'mig-lsp rules' lists them all"),
        (("check", "--since", "main"), "--since main needs a git repository, and . lies in none"),
        (("check", "--root", "none"), "none is not a folder"),
        (("check", "--config", "none.toml"), "none.toml cannot be read: No such file or directory"),
        (("check", "--stdin-path", "x.sql"), "--stdin-path names what comes from standard input: add - "),
        (("check", "-", "db"), "- stands for the one file to check: name no others beside it"),
        (("check", "--dry-run"), "--dry-run says how fixes are carried out: add --fix"),
        (("check", "--unsafe"), "--unsafe says how fixes are carried out: add --fix"),
        (("check", "--format", "yaml"), "argument --format: invalid choice: 'yaml'"),
        (("check", "--selct", "x"), "unrecognized arguments: --selct"),
        (("frobnicate",), "invalid choice: 'frobnicate'"),
        ((), "the following arguments are required: COMMAND"),
        (("explain", "no-such-rule"), "there is no rule named no-such-rule"),
        (("explain", "transaction-contrl"), "did you mean transaction-control?"),
        (("chunks", "none.sql"), "none.sql cannot be read: No such file or directory"),
        (("register", "db/schema/010-users.sql"), "010-users.sql is registered already"),
        (("new", "???"), "has no letter a-z and no digit"),
        (("log",), "no environment is configured: add a table like [log.dev] to mig-lsp.toml"),
        (("serve", "--tcp", "nonsense"), "--tcp nonsense is no address: write HOST:PORT"),
        (("verify", "none.sql"), "none.sql is no part of a migration set"),
        (("rollback", "none.sql"), "none.sql cannot be read: No such file or directory"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(root: Path, args: tuple[str, ...], line: str) -> None:
    done = run(root, *args)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("\n") == 1
    assert done.err.startswith("mig-lsp")
    assert line in done.err


def test_the_root_is_the_nearest_folder_with_a_configuration_or_a_repository(root: Path) -> None:
    (root / "db/deep").mkdir()
    assert findings(run(root / "db/deep", "check", "--format", "json")) == [BEGIN]
    assert json.loads(run(root / "db/deep", "check", "--format", "json").out)["root"] == "../.."
    assert run(root / "db/schema", "check", "011-books.sql").code == 1
    assert run(root / "db/schema", "check", "010-users.sql").code == 0
    given = json.loads(run(root.parent, "check", "--root", "work", "--format", "json").out)
    assert given["root"] == "work"
    assert given["findings"][0]["path"] == "db/schema/011-books.sql"


def test_no_migrations_at_all(tmp_path: Path) -> None:
    done = run(tmp_path, "check", "--root", ".")
    assert (done.code, done.out) == (2, "")
    assert "no migrations found below ." in done.err
    assert done.err.count("\n") == 1


def test_another_configuration(root: Path) -> None:
    build(root.parent, {"ci.toml": '[rules.transaction-control]\nseverity = "info"\n[nonsense]\n'})
    done = run(root, "check", "--config", "../ci.toml", "--format", "json")
    assert done.code == 1
    assert [(path, rule) for path, rule, _, _ in findings(done)] == [
        ("../ci.toml", "config-error"),
        ("db/schema/011-books.sql", "transaction-control"),
    ]


def test_a_rule_that_is_off_can_be_selected(root: Path) -> None:
    build(root, {"mig-lsp.toml": '[rules.transaction-control]\nseverity = "off"\n'})
    assert run(root, "check").code == 0
    assert run(root, "check", "--select", "transaction-control").code == 1


def test_standard_input_under_a_name(root: Path) -> None:
    args = ("check", "-", "--stdin-path", "db/schema/010-users.sql", "--format", "json")
    done = run(root, *args, stdin=good(10, "users").encode() + b"COMMIT;\n")
    assert findings(done) == [("db/schema/010-users.sql", "transaction-control", 7, 1)]
    assert run(root, *args, stdin=good(10, "users").encode()).code == 0


def test_standard_input_of_a_file_that_is_not_there_yet(root: Path) -> None:
    args = ("check", "-", "--stdin-path", "db/schema/013-new.sql", "--format", "json")
    found = findings(run(root, *args, stdin=good(13, "new").encode() + b"BEGIN;\n"))
    assert ("db/schema/013-new.sql", "transaction-control", 7, 1) in found
    assert {path for path, *_ in found} == {"db/schema/013-new.sql"}


def test_standard_input_without_a_name_is_judged_by_itself(tmp_path: Path) -> None:
    done = run(tmp_path, "check", "-", "--format", "json", stdin=b"BEGIN;\nSELECT 'caf\xe9';\n")
    assert done.code == 1
    assert ("<stdin>", "transaction-control", 1, 1) in findings(done)


def test_hints_are_for_programs_and_on_request(tmp_path: Path) -> None:
    build(tmp_path, {**CLEAN, "db/schema/010-users.sql": "CREATE TABLE IF NOT EXISTS users (id integer);\n"})
    done = run(tmp_path, "check", "--root", ".")
    assert (done.code, done.out) == (0, "no findings in 5 files; not shown: 1 hint (--all shows them)\n")
    assert "hint[missing-header]" in run(tmp_path, "check", "--root", ".", "--all").out
    assert "hint[missing-header]" in run(tmp_path, "check", "--root", ".", "--select", "header").out
    assert json.loads(run(tmp_path, "check", "--root", ".", "--format", "json").out)["summary"]["hint"] == 1
    assert "missing-header" not in run(tmp_path, "check", "--root", ".", "--format", "junit").out


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone in which 010 to 012 are merged; 010 has a warning and 011 an error."""
    origin = build(tmp_path / "origin", FILES)
    build(origin, {"db/schema/010-users.sql": good(10, "users").replace("010", "099")})
    git(origin, "init", "--quiet")
    commit(origin, "first")
    git(tmp_path, "clone", "--quiet", str(origin), "clone")
    return tmp_path / "clone"


def test_since(clone: Path) -> None:
    git(clone, "checkout", "--quiet", "-b", "feature")
    assert findings(run(clone, "check", "--since", "origin/main", "--format", "json")) == []
    build(clone, {"db/schema/012-loans.sql": good(12, "loans") + "COMMIT;\n"})
    commit(clone, "second")
    build(clone, {"db/schema/013-new.sql": good(13, "new") + "COMMIT;\n"})
    found = findings(run(clone, "check", "--since", "origin/main", "--format", "json"))
    assert {path for path, *_ in found} == {"db/schema/012-loans.sql", "db/schema/013-new.sql"}
    assert findings(run(clone, "check", "--since", "origin/main", "--format", "json", "db/schema/010-users.sql")) == []
    done = run(clone, "check", "--since", "nowhere")
    assert (done.code, done.err) == (2, "mig-lsp: --since: git knows no commit named nowhere\n")


def test_merged_files_show_errors_only(clone: Path) -> None:
    everything = findings(run(clone, "check", "--all", "--format", "json"))
    assert [rule for path, rule, *_ in everything if "010" in path] == ["header-number"]
    assert findings(run(clone, "check", "--format", "json")) == [BEGIN]
    assert "1 in merged or applied files (--all shows them)" in run(clone, "check").out
    build(clone, {"db/schema/010-users.sql": good(10, "users").replace("010", "098")})
    assert "header-number" in [rule for _, rule, *_ in findings(run(clone, "check", "--format", "json"))]


def test_files_up_to_the_baseline_and_applied_ones_show_nothing(root: Path) -> None:
    build(root, {"mig-lsp.toml": "[migrations]\nbaseline = 11\n"})
    assert findings(run(root, "check", "--format", "json")) == []
    assert findings(run(root, "check", "--format", "json", "--all")) == [BEGIN]
    config = '[log.dev]\nsource = "file"\npath = "dev.csv"\n[log.prod]\nsource = "file"\npath = "prod.csv"\n'
    rows = "step_number,description,status\n1,010-users.sql,completed\n2,011-books.sql,completed\n"
    build(root, {"mig-lsp.toml": config, "dev.csv": rows, "prod.csv": rows.replace("2,011-books.sql,completed\n", "")})
    assert findings(run(root, "check", "--format", "json")) == [BEGIN]
    build(root, {"prod.csv": rows})
    assert findings(run(root, "check", "--format", "json")) == []


def test_list(root: Path) -> None:
    build(
        root,
        {
            "db/schema/013-new.sql": good(13, "new"),
            "db/schema/012-loans-rollback.sql": "DROP TABLE IF EXISTS loans;\n",
            "mig-lsp.toml": LOGS,
            "dev.csv": "step_number,description,status\n1,010-users.sql,completed\n2,011-books.sql,failed\n",
        },
    )
    (root / "db/schema/012-loans.sql").unlink()
    lines = run(root, "list").out.splitlines()
    assert lines[0] == "db/schema (db/migrations.json, rds-data-api)"
    assert lines[1].split() == ["#", "number", "name", "registered", "dev", "prod", "findings"]
    assert lines[2].split() == ["1", "1", "001-types.sql", "initial"]
    assert lines[3].split()[:6] == ["2", "10", "010-users.sql", "yes", "completed", "unknown"]
    assert lines[4].split()[:8] == ["3", "11", "011-books.sql", "yes", "failed", "unknown", "1", "error,"]
    assert lines[5].split()[:6] == ["4", "12", "012-loans.sql", "missing", "pending", "unknown"]
    assert {line.split()[1]: line.split()[2] for line in lines[6:]} == {
        "012-loans-rollback.sql": "rollback",
        "013-new.sql": "no",
    }
    document = json.loads(run(root, "list", "--format", "json").out)
    (found,) = document["sets"]
    assert found["environments"][0]["name"] == "dev"
    assert [row["registered"] for row in found["migrations"]] == [
        "initial", "yes", "yes", "missing", "rollback", "no",
    ]  # fmt: skip
    assert found["migrations"][2]["states"] == {"dev": "failed", "prod": "unknown"}
    assert found["migrations"][2]["findings"]["error"] == 1


def test_chunks(root: Path) -> None:
    build(root, {"db/schema/012-loans.sql": "-- é\nSELECT 1; -- note\nSELECT '😀';\n\nSELECT 3;\n"})
    done = run(root, "chunks", "db/schema/012-loans.sql")
    assert done.code == 0
    assert done.out == (
        "db/schema/012-loans.sql: 2 chunks by rds-data-api\n"
        "\n-- chunk 1: lines 2-3, 32 bytes, 2 statements\n"
        "-- refused: cannot insert multiple commands into a prepared statement (merged-statements)\n"
        "SELECT 1; -- note\nSELECT '😀';\n"
        "\n-- chunk 2: line 5, 9 bytes, 1 statement\nSELECT 3;\n"
    )
    document = json.loads(run(root, "chunks", "db/schema/012-loans.sql", "--format", "json").out)
    first = document["chunks"][0].pop("sql")
    assert first.rstrip("\n") == "SELECT 1; -- note\nSELECT '😀';"
    assert document == {
        "version": 1,
        "path": "db/schema/012-loans.sql",
        "runner": "rds-data-api",
        "refused": None,
        "chunks": [
            {"start_line": 2, "end_line": 3, "statements": 2},
            {"sql": document["chunks"][1]["sql"], "start_line": 5, "end_line": 5, "statements": 1},
        ],
    }


def test_chunks_of_a_refused_file_from_standard_input(root: Path) -> None:
    done = run(root, "chunks", "-", "--format", "json", stdin=b"CREATE INDEX CONCURRENTLY i ON t (a);\n")
    document = json.loads(done.out)
    assert document["refused"] == (
        "the file contains CONCURRENTLY: the runner refuses the whole file before anything runs"
    )
    assert len(document["chunks"]) == 1
    assert (
        "nothing is sent: the file contains CONCURRENTLY"
        in run(root, "chunks", "-", stdin=b"REINDEX CONCURRENTLY t;").out
    )


def test_rules_and_explain(tmp_path: Path) -> None:
    rules = {rule["name"]: rule for rule in json.loads(run(tmp_path, "rules", "--format", "json").out)["rules"]}
    assert rules["transaction-control"]["category"] == "runner"
    assert all(rule["summary"] and rule["url"].endswith(name) for name, rule in rules.items())
    table = run(tmp_path, "rules").out
    assert all(f" {name} " in table for name in rules)
    done = run(tmp_path, "explain", "transaction-control")
    assert done.code == 0
    assert done.out.startswith("transaction-control\n\n")
    assert "Tests" not in done.out
    assert json.loads(run(tmp_path, "explain", "transaction-control", "--format", "json").out)["name"] == (
        "transaction-control"
    )


def test_log(root: Path) -> None:
    head = "step_number,description,status,error_message\n1,010-users.sql,completed,\n"
    build(root, {"mig-lsp.toml": LOGS, "dev.csv": head + '2,011-books.sql,failed,"bad\x1b[31m\nnews"\n'})
    done = run(root, "log")
    assert done.code == 0
    assert "dev (file): 2 rows, read just now" in done.out
    assert "011-books.sql  bad\\x1b[31m\\nnews" in done.out
    assert "prod (postgres): 0 rows, never read\n'mig-lsp log pull' reads it\n" in done.out
    document = json.loads(run(root, "log", "--format", "json").out)
    assert [(each["name"], len(each["entries"])) for each in document["environments"]] == [("dev", 2), ("prod", 0)]
    pulled = run(root, "log", "pull")
    assert pulled.code == 1
    assert "NO_SUCH_URL" in pulled.out


def test_help_and_version(tmp_path: Path) -> None:
    assert run(tmp_path, "--version").out.startswith("mig-lsp ")
    for command in (
        "",
        "check",
        "list",
        "new",
        "prepare",
        "register",
        "chunks",
        "rollback",
        "verify",
        "log",
        "rules",
        "explain",
    ):
        done = run(tmp_path, *filter(None, (command, "--help")))
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("usage: mig-lsp")


def test_colours(root: Path) -> None:
    assert "\x1b[" not in run(root, "check").out
    assert "\x1b[1;31merror[transaction-control]\x1b[0m" in run(root, "check", "--color", "always").out
    assert "\x1b[" not in run(root, "check", "--color", "never").out


def test_a_terminal_that_cannot_show_a_character(root: Path) -> None:
    build(root, {"db/schema/011-books.sql": good(11, "books") + "BEGIN; -- é😀\n"})
    done = run(root, "check", env={"PYTHONIOENCODING": "ascii"})
    assert done.code == 1
    assert "BEGIN; -- \\xe9\\U0001f600" in done.out
    assert done.err == ""


def test_quiet_shows_findings_only(root: Path) -> None:
    assert "files checked" not in run(root, "check", "--quiet").out
    assert "error[transaction-control]" in run(root, "check", "--quiet").out


def test_a_reader_that_goes_away_is_no_error(root: Path) -> None:
    build(root, {"db/schema/011-books.sql": good(11, "books") + "BEGIN;\n" * 3000})
    process = subprocess.Popen(
        [sys.executable, "-m", "mig_lsp", "check"],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b"db/schema/011-books.sql:7:1")
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 141


def test_an_unexpected_exception_is_one_line(root: Path) -> None:
    program = (
        "import sys; from mig_lsp import cli; from mig_lsp.commands import check\n"
        "def fail(args, console): raise ZeroDivisionError('a\\nb')\n"
        "check.run = fail\n"
        "sys.exit(cli.main(['check']))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, env=environment())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "mig-lsp: internal error: ZeroDivisionError: a\\nb (MIG_LSP_DEBUG=1 shows where)\n"
    debugged = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        capture_output=True,
        text=True,
        env={**environment(), "MIG_LSP_DEBUG": "1"},
    )
    assert "Traceback" in debugged.stderr


def test_an_interruption_is_silent(root: Path) -> None:
    program = (
        "import sys; from mig_lsp import cli; from mig_lsp.commands import check\n"
        "def fail(args, console): raise KeyboardInterrupt\n"
        "check.run = fail\n"
        "sys.exit(cli.main(['check']))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, env=environment())
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_verify_says_what_the_server_said(root: Path) -> None:
    build(root, {"db/schema/012-loans.sql": good(12, "loans") + "SELECT é FROM\n  nowhere;\n"})
    done = run(root, "verify", "--format", "json")
    outcomes = [(each["path"][10:], each["outcome"], each["sqlstate"]) for each in json.loads(done.out)["files"]]
    assert done.code == 1
    assert outcomes == [
        ("001-types.sql", "completed", None),
        ("010-users.sql", "completed", None),
        ("011-books.sql", "completed", None),
        ("012-loans.sql", "failed", "42P01"),
    ]
    assert json.loads(done.out)["files"][-1]["position"] == {
        "line": 8,
        "column": 3,
        "offset": len(good(12, "loans")) + 16,
    }
    text = run(root, "verify", "db/schema/012-loans.sql")
    assert text.code == 1
    assert text.out == (
        'db/schema/012-loans.sql:8:3: failed[42P01] relation "nowhere" does not exist\n'
        "  |\n8 |   nowhere;\n  |   ^\n0 of 1 ran\n"
    )
    assert run(root, "verify", "db/schema/010-users.sql").out == "ran db/schema/010-users.sql\n1 of 1 ran\n"


def test_output_is_utf8_lines_in_order_of_path_and_place(root: Path) -> None:
    build(root, {"db/schema/010-users.sql": good(10, "users") + "COMMIT;\nBEGIN;\n"})
    found = findings(run(root, "check", "--format", "json"))
    assert found == sorted(found, key=lambda each: (each[0], each[2], each[3]))
    assert len(found) == 3


def test_progress_is_for_terminals_only(root: Path) -> None:
    assert run(root, "check", env={"TERM": "xterm"}).err == ""


def test_paths_may_be_absolute_or_lead_through_a_link(root: Path) -> None:
    assert run(root, "check", str(root / "db/schema/011-books.sql")).code == 1
    (root.parent / "link").symlink_to("work", target_is_directory=True)
    assert run(root, "check", os.fspath(root.parent / "link/db/schema/011-books.sql")).code == 1
    assert run(root.parent / "link", "check", "db/schema/011-books.sql").code == 1
