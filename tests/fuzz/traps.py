"""A workspace that leads out at every place, commands that only look at it, and an editor that asks everything."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.fuzz.hostile import CANARY, WINDOWS, Event, Watched
from tests.lsp.raw import RawClient, running, uri
from tests.support.files import build, environment, good

FORMATS = ("text", "json", "github", "gitlab", "sarif", "junit")
LOOKS = (
    *(("check", "--all", "--format", form) for form in FORMATS),
    ("list",),
    ("list", "--format", "json"),
    ("log",),
    ("log", "--format", "json"),
    ("log", "pull"),
    ("new", "x", "--dry-run"),
    ("check", "--fix", "--unsafe", "--all", "--dry-run"),
)
"""Commands that only look."""


def outside(tmp_path: Path) -> Path:
    """What lies beside the workspace; whoever reads it out says the canary."""
    return build(
        tmp_path / "outside",
        {
            "secret.sql": f"-- {CANARY}\nCREATE TABLE {CANARY} (id integer);\nBEGIN;\n",
            "migrations.json": json.dumps({"migrationFiles": [f"{CANARY}.sql"]}),
            "mig-lsp.toml": f'[migrations]\ndirectory = "{CANARY}"\n',
            "log.csv": f"step_number,description,status,error_message\n1,{CANARY}.sql,failed,{CANARY}\n",
            "template.sql": f"-- {CANARY} {{number}}\n",
            "schema.ts": f'export const t = pgTable("{CANARY}", {{ id: integer("id") }});\n',
            "folder/050-inner.sql": f"SELECT '{CANARY}';\nBEGIN;\n",
        },
    )


TRAPS = {
    name: f"open({name + '.ran'!r}, 'w').write('x')\n"
    for name in (
        *("sitecustomize.py", "usercustomize.py", "json.py", "boto3.py", "psycopg.py", "sqlglot.py", "tomllib.py"),
        *("mig_lsp/__init__.py", "mig_lsp/cli.py", "tree_sitter.py", "conftest.py", "platformdirs.py", "pglast.py"),
    )
}


def trap(tmp_path: Path) -> Path:
    """A workspace that leads out at every place that takes a path, with programs that somebody may run by mistake."""
    out = outside(tmp_path)
    root = build(
        tmp_path / "ws",
        {
            **TRAPS,
            "db/010-good.sql": good(10, "good") + "BEGIN;\n",
            "db/011-psql.sql": "\\! touch ran\n\\i ../../outside/secret.sql\nCOPY t FROM '/etc/passwd';\n",
            "db/migrations.json": json.dumps(
                {"migrationFiles": ["010-good.sql", "012-out.sql", "../../outside/secret.sql", str(out / "secret.sql")]}
            ),
            "drizzle/migrations/meta/_journal.json": json.dumps(
                {"entries": [{"idx": 0, "tag": "../../../outside/secret", "when": 1}]}
            ),
            "mig-lsp.toml": "\n".join(
                (
                    '[migrations]\ndirectory = "db"\nmanifest = "db/migrations.json"\ntemplate = "template.sql"',
                    '[drizzle]\nmigrations = "drizzle/migrations"\nschema = "schema.ts"',
                    *(
                        f'[log.e{number}]\nsource = "file"\npath = {json.dumps(path)}'
                        for number, path in enumerate(
                            (
                                *("log.csv", "../outside/log.csv", "db/../../outside/log.csv", str(out / "log.csv")),
                                *("~/log.csv", "$HOME/log.csv", "${HOME}/log.csv", "%USERPROFILE%\\log.csv"),
                                *("\\\\evil.example\\share\\log.csv", "//evil.example/share", "file:///etc/passwd"),
                                *("C:\\log.csv", "/dev/stdin", "/proc/self/environ", "link/log.csv", "loop/log.csv"),
                            )
                        )
                    ),
                    "",
                )
            ),
            "bin/git": "#!/bin/sh\ntouch ran\n",
            "git": "#!/bin/sh\ntouch ran\n",
        },
    )
    for path in ("bin/git", "git"):
        (root / path).chmod(0o755)
    if not WINDOWS:
        for link, target in {
            "db/012-out.sql": "../../outside/secret.sql",
            "db/013-absolute.sql": str(out / "secret.sql"),
            "db/014-device.sql": "/dev/zero",
            "db/015-proc.sql": "/proc/self/environ",
            "db/016-loop.sql": "017-loop.sql",
            "db/017-loop.sql": "016-loop.sql",
            "db/018-through.sql": "../link/secret.sql",
            "db/inner": "../../outside/folder",
            "sub/migrations.json": "../../outside/migrations.json",
            "link": "../outside",
            "loop": "loop",
            "round": ".",
            "log.csv": "../outside/log.csv",
            "template.sql": "../outside/template.sql",
            "schema.ts": "../outside/schema.ts",
            "drizzle/migrations/0000_out.sql": "../../../outside/secret.sql",
        }.items():
            (root / link).parent.mkdir(exist_ok=True)
            (root / link).symlink_to(target)
    return root


def fingerprint(folder: Path) -> dict[str, object]:
    """All there is below a folder, with contents and times of change."""
    return {
        str(path): (path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() and not path.is_symlink() else b"")
        for path in sorted(folder.rglob("*"))
    }


def programs(watched: Watched) -> set[str]:
    return {event.what for event in watched.events if event.name == "subprocess.Popen"}


def misdeeds(watched: Watched, root: Path, *allowed: Path) -> list[Event]:
    """What was done outside, but for starting the git of the system."""
    found = watched.outside(root, *allowed)
    return [
        event
        for event in found
        if not (event.name == "subprocess.Popen" and Path(event.what).is_absolute() and "ws" not in event.what)
    ]


@contextmanager
def serving(watched: Watched, root: Path, env: Mapping[str, str] | None = None) -> Iterator[RawClient]:
    """A server under watch, started in the workspace as editors do it."""
    with running(*watched.command, "serve", "--stdio", cwd=root, env={**environment(), **(env or {})}) as client:
        client.answers["workspace/applyEdit"] = lambda params: {"applied": False}
        yield client


def command(client: RawClient, name: str, *arguments: object) -> dict[str, Any]:
    """The whole answer to a command, which may be an error."""
    return client.answer(client.ask("workspace/executeCommand", {"command": name, "arguments": list(arguments)}))


def tour(client: RawClient, root: Path, paths: list[Path]) -> list[dict[str, Any]]:
    """Asks everything that an editor asks about each file; all answers."""
    answers = [client.answer(client.ask("migLsp/migrations", None))]
    for path in paths:
        name = uri(path)
        place = {"textDocument": {"uri": name}, "position": {"line": 0, "character": 3}}
        if path.is_file():
            try:
                text = (
                    path.read_bytes()[:100_000].decode("utf-8", "replace") if not path.is_symlink() else "SELECT 1;\n"
                )
            except OSError:
                text = ""
            client.open(path, text)
            lines = range(min(text.count("\n") + 1, 60 if path.suffix == ".toml" else 12))
            for line in lines:
                at = {**place, "position": {"line": line, "character": 6}}
                answers.append(client.answer(client.ask("textDocument/hover", at)))
        for method in ("completion", "definition"):
            answers.append(client.answer(client.ask(f"textDocument/{method}", place)))
        for method in ("documentLink", "documentSymbol", "foldingRange", "codeLens", "diagnostic"):
            answers.append(client.answer(client.ask(f"textDocument/{method}", place)))
        span = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}}
        found = answers[-1].get("result") or {}
        context = {"diagnostics": found.get("items", [])}
        answers.append(
            client.answer(client.ask("textDocument/codeAction", {**place, "range": span, "context": context}))
        )
        answers.append(command(client, "migLsp.showChunks", name))
    answers.append(client.answer(client.ask("workspace/symbol", {"query": ""})))
    return answers
