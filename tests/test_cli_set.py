"""How a set is found, and how its manifest is read and edited, whatever it looks like: through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.files import build, git, good, run

FILES = {f"db/{number:03}-{name}.sql": good(number, name) for number, name in ((10, "a"), (11, "b"), (12, "c"))}


def found(root: Path, *args: str) -> list[tuple[str, str]]:
    """The paths and rules of what is found, hints left out."""
    done = run(root, "check", "--format", "json", *args)
    assert done.err == ""
    return [(each["path"], each["rule"]) for each in json.loads(done.out)["findings"] if each["severity"] != "hint"]


def order(root: Path) -> dict[str, list[str]]:
    """What runs in each set, in order."""
    return {
        each["directory"]: [row["name"] for row in each["migrations"] if row["order"] is not None]
        for each in json.loads(run(root, "list", "--format", "json").out)["sets"]
    }


# The manifest lists 010 and 011; `{|}` is where the new text is after 012 has been registered.
@pytest.mark.parametrize(
    ("path", "text", "new"),
    [
        pytest.param(
            "handler.ts",
            "export const MIGRATION_FILES = [\n  '010-a.sql',\n  '011-b.sql',{|}\n] as const;\n",
            "\n  '012-c.sql',",
            id="as const",
        ),
        pytest.param(
            "handler.ts",
            'const MIGRATION_FILES: readonly string[] = ["010-a.sql", "011-b.sql"{|}];\n',
            ', "012-c.sql"',
            id="typed, on one line",
        ),
        pytest.param(
            "handler.js",
            "exports.MIGRATION_FILES = [\n\t'010-a.sql', // é😀\n\t'011-b.sql'{|}\n]\n",
            ",\n\t'012-c.sql'",
            id="exported from JavaScript, without the last comma",
        ),
        pytest.param(
            "handler.mjs",
            "/* '009-x.sql' */\nexport const MIGRATION_FILES = [\n  // winter\n  '010-a.sql',\n"
            "  /* spring */ '011-b.sql',{|}\n  // add new ones above\n];\n",
            "\n  '012-c.sql',",
            id="comments inside",
        ),
        pytest.param(
            "handler.ts",
            "const MIGRATION_FILES = [\r\n  '010-a.sql',\r\n  '011-b.sql',{|}\r\n];\r\n",
            "\r\n  '012-c.sql',",
            id="CRLF",
        ),
        pytest.param(
            "migrations.json",
            '{\n  "schemaDir": "db",\n  "initialSetupFiles": [],\n'
            '  "migrationFiles": [\n    "010-a.sql",\n    "011-b.sql"{|}\n  ]\n}\n',
            ',\n    "012-c.sql"',
            id="JSON",
        ),
    ],
)
def test_a_manifest_is_found_read_and_edited_as_it_is_written(tmp_path: Path, path: str, text: str, new: str) -> None:
    root = build(tmp_path, {**FILES, path: text.replace("{|}", "")})
    assert order(root) == {"db": ["010-a.sql", "011-b.sql"]}
    assert found(root) == [("db/012-c.sql", "unregistered-migration")]
    assert run(root, "register", "db/012-c.sql").code == 0
    assert (root / path).read_bytes().decode() == text.replace("{|}", new)
    assert found(root) == []


def test_what_needs_the_code_to_run_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    text = """\
import { OLDER } from "./older";
const LAST = "012-c.sql";
export const MIGRATION_FILES = [
  ...OLDER,
  "010-a.sql",
  `011-${"b"}.sql`,
  LAST,
];
"""
    root = build(tmp_path, {**FILES, "handler.ts": text})
    done = run(root, "check", "--format", "json", "--select", "manifest")
    said = [(each["rule"], each["range"]["start"]["line"]) for each in json.loads(done.out)["findings"]]
    assert [line for rule, line in said if rule == "manifest-unreadable"] == [4, 6, 7]
    assert order(root) == {"db": ["010-a.sql"]}


def test_a_journal_is_the_order_of_drizzle_kit_s_own_migrator(tmp_path: Path) -> None:
    entries = [{"idx": n, "version": "7", "when": n + 1, "tag": tag} for n, tag in enumerate(("0000_b", "0001_a"))]
    root = build(
        tmp_path,
        {
            "drizzle/0000_b.sql": "CREATE TABLE b (id int);\n--> statement-breakpoint\nCREATE TABLE c (id int);\n",
            "drizzle/0001_a.sql": "CREATE TABLE a (id int);\n",
            "drizzle/meta/_journal.json": json.dumps({"version": "7", "dialect": "postgresql", "entries": entries}),
            "mig-lsp.toml": '[migrations]\ndirectory = "drizzle"\n[runner]\nprofile = "drizzle-migrator"\n',
        },
    )
    assert order(root) == {"drizzle": ["0000_b.sql", "0001_a.sql"]}
    assert run(root, "chunks", "drizzle/0000_b.sql").out.startswith("drizzle/0000_b.sql: 2 chunks by drizzle-migrator")


def test_a_directory_alone_is_a_set_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    root = build(tmp_path, FILES)
    assert order(root) == {"db": ["010-a.sql", "011-b.sql", "012-c.sql"]}
    assert found(root) == []


def test_a_repository_with_several_sets(tmp_path: Path) -> None:
    """Each has its own manifest and configuration; a name in one means nothing in the other."""
    shop = {f"shop/{path}": text for path, text in FILES.items()}
    desk = {f"desk/{path}": f"{text}BEGIN;\n" for path, text in FILES.items()}
    root = build(
        tmp_path,
        {
            **shop,
            **desk,
            "shop/handler.ts": "const MIGRATION_FILES = ['010-a.sql', '011-b.sql', '012-c.sql'];\n",
            "desk/migrations.json": '{"migrationFiles": ["010-a.sql", "011-b.sql"], "schemaDir": "db"}\n',
            "desk/mig-lsp.toml": '[rules.transaction-control]\nseverity = "off"\n',
        },
    )
    assert order(root) == {
        "desk/db": ["010-a.sql", "011-b.sql"],
        "shop/db": ["010-a.sql", "011-b.sql", "012-c.sql"],
    }
    assert found(root) == [("desk/db/012-c.sql", "unregistered-migration")]
    assert found(root, "shop") == []


def test_a_stale_manifest_never_wins(tmp_path: Path) -> None:
    """An old compiled handler lists 13 of 120 files, and stands where one would look first."""
    names = [f"{number:03}-step.sql" for number in range(10, 130)]
    old = "exports.MIGRATION_FILES = [\n" + "".join(f'  "{name}",\n' for name in names[:13]) + "];\n"
    root = build(
        tmp_path,
        {
            **{f"infra/schema/{name}": good(int(name[:3]), f"t{name[:3]}") for name in names},
            "infra/lambda/handler.js": old,
            "infra/schema/migrations.json": json.dumps({"migrationFiles": names}, indent=2),
        },
    )
    assert order(root) == {"infra/schema": names}
    assert found(root) == [("infra/lambda/handler.js", "stale-manifest")]
    assert run(root, "new", "next").code == 0
    assert "130-next.sql" in (root / "infra/schema/migrations.json").read_text("utf-8")
    assert (root / "infra/lambda/handler.js").read_text("utf-8") == old


def test_an_entry_that_a_merge_lost(tmp_path: Path) -> None:
    root = build(
        tmp_path, {**FILES, "migrations.json": json.dumps({"migrationFiles": ["010-a.sql", "011-b.sql", "012-c.sql"]})}
    )
    build(root, {"mig-lsp.toml": '[migrations]\nbase-ref = "base"\n'})
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "all")
    git(root, "branch", "base")
    build(root, {"migrations.json": json.dumps({"migrationFiles": ["010-a.sql", "012-c.sql"]})})
    assert [("migrations.json", "lost-entry")] == found(root)
    run(root, "check", "--fix")
    assert [] == found(root)
    assert ["010-a.sql", "011-b.sql", "012-c.sql"] == order(root)["db"]


def merged(tmp_path: Path, config: str = "") -> Path:
    """A repository whose three migrations are on the branch `base`, which counts as merged."""
    root = build(tmp_path, {**FILES, "mig-lsp.toml": f'[migrations]\nbase-ref = "base"\n{config}'})
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "all")
    git(root, "branch", "base")
    return root


def test_a_merged_migration_that_is_edited_and_restored(tmp_path: Path) -> None:
    root = merged(tmp_path)
    text = FILES["db/011-b.sql"].replace("\n", "\r\n")
    build(root, {"db/010-a.sql": FILES["db/010-a.sql"].replace("\n", "\r\n"), "db/011-b.sql": f"{text}SELECT 1;\r\n"})
    assert [("db/011-b.sql", "merged-migration-edited")] == found(root)
    git(root, "commit", "--quiet", "-a", "-m", "edited")
    assert [("db/011-b.sql", "merged-migration-edited")] == found(root)
    run(root, "check", "--fix")
    assert [("db/011-b.sql", "merged-migration-edited")] == found(root)
    assert 0 == run(root, "check", "--fix", "--unsafe").code
    assert [] == found(root)
    assert text.encode() == (root / "db/011-b.sql").read_bytes()


def test_what_one_fix_writes_no_other_fix_takes_back(tmp_path: Path) -> None:
    """The merged text has a mistake in its header, so restoring it is not the end with `--all`."""
    root = merged(tmp_path)
    text = FILES["db/011-b.sql"].replace("Migration 011", "Migration 110")
    build(root, {"db/011-b.sql": text})
    git(root, "commit", "--quiet", "-a", "-m", "wrong")
    git(root, "branch", "--force", "base")
    edited = f"{text}SELECT 1;\n"
    build(root, {"db/011-b.sql": edited})
    assert 0 == run(root, "check", "--fix", "--unsafe").code
    assert text == (root / "db/011-b.sql").read_bytes().decode()
    build(root, {"db/011-b.sql": edited})
    done = run(root, "check", "--fix", "--unsafe", "--all")
    assert "" == done.err
    assert [("db/011-b.sql", "merged-migration-edited")] == found(root)
    assert FILES["db/011-b.sql"] == (root / "db/011-b.sql").read_bytes().decode()


def test_a_migration_that_has_run_and_is_edited(tmp_path: Path) -> None:
    config = '[log.dev]\nsource = "file"\npath = "dev.csv"\n[log.prod]\nsource = "file"\npath = "prod.csv"\n'
    root = merged(tmp_path, config)
    failed = "description,status,error_message\n010-a.sql,completed,\n012-c.sql,failed,it was late\n"
    build(root, {"dev.csv": failed, "prod.csv": "description,status\n010-a.sql,completed\n"})
    for path in ("db/010-a.sql", "db/011-b.sql"):
        build(root, {path: FILES[path] + "SELECT 1;\n"})
    # 011 has run nowhere yet, so an edit of it reaches everybody.
    assert [("db/010-a.sql", "applied-migration-edited"), ("db/012-c.sql", "failed-migration")] == found(root)


def test_a_number_that_another_branch_has(tmp_path: Path) -> None:
    root = merged(tmp_path)
    git(root, "checkout", "--quiet", "-b", "theirs")
    build(root, {"db/013-theirs.sql": good(13, "theirs")})
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "theirs")
    git(root, "checkout", "--quiet", "-b", "mine", "base")
    build(root, {"db/013-mine.sql": good(13, "mine")})
    assert [("db/013-mine.sql", "number-taken")] == found(root)
    done = run(root, "check", "--fail-on", "warning")
    assert (0, True) == (done.code, "013-theirs.sql's on theirs" in done.out)
    git(root, "branch", "--force", "base", "theirs")
    assert 1 == run(root, "check", "--fail-on", "warning").code  # only now is it on the branch that counts
    git(root, "merge", "--quiet", "base")
    assert [("db/013-mine.sql", "duplicate-number")] == found(root)
