"""Statements, files and small sets by chance: PostgreSQL's whole grammar, and everything that is nearly in it.

All of it is a function of a `random.Random`, so a seed says everything about a case. `grammar.json` has the grammar, as
shapes with holes: every kind of statement, and what stands in them. A hole `{word}` is filled with one of the shapes of
that word. The first shape of a word has no hole that leads back to it, so taking first shapes ends any depth.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from mig_lsp.core.runner.profile import PROFILES
from mig_lsp.core.sql.lexer import tokens

_GRAMMAR = json.loads(Path(__file__).with_name("grammar.json").read_text("utf-8"))
STATEMENTS: Mapping[str, Sequence[str]] = _GRAMMAR["statements"]
"""The shapes of each kind of statement, by the parser's name for it."""
_SHAPES: Mapping[str, Sequence[str]] = _GRAMMAR["parts"]
_HOLE = re.compile(r"\{(\w+)\}")
_KINDS = tuple(STATEMENTS)
# What migrations mostly are; the other kinds come up as often as these together.
_USUAL = (
    *(
        "CreateStmt",
        "AlterTableStmt",
        "IndexStmt",
        "InsertStmt",
        "UpdateStmt",
        "DropStmt",
        "CreateFunctionStmt",
        "DoStmt",
    ),
    *("CreateEnumStmt", "AlterEnumStmt", "CreateTrigStmt", "CreatePolicyStmt", "ViewStmt", "RenameStmt", "CommentStmt"),
)

ODD = (
    *("'", '"', "$$", "$a$", "/*", "*/", "--", "\\", "`", "(", ")", "[", "]", "{", "}", ";", ",", ".", ":", "::", ":="),
    *("\0", "\ufeff", "\f", "\v", "\x85", "\xa0", "\u2028", "\u200b", "\ud800", "\udfff", "\x1c", "\x7f", "é", "😀"),
    *(
        "U&'\\",
        'U&"d\\0061t\\+000061"',
        "UESCAPE '!'",
        "E'\\",
        "E'\\x00'",
        "B'2'",
        "X'G'",
        "0x",
        "1e",
        "1__0",
        "$0",
        "$999999999999",
    ),
    *(":name", "?", "@p", "#", "%", "%s", "${HOME}", "$1", "||", "<->", "->>", "-", "/", "*", "~~~~", "=>", "..", "@@"),
    *(
        "a" * 64,
        "x" * 3000,
        "9" * 400,
        "'" + "y" * 5000 + "'",
        "\n" * 50,
        " " * 500,
        "--" * 40,
        "/*" * 30,
        "(((((((((((",
    ),
    *(
        "\\i other.sql\n",
        "\\copy t from 'x'\n",
        "\\.\n",
        "\\set a 'b'\n",
        "\\gexec\n",
        "\\if :x\n",
        "GO\n",
        "DELIMITER //\n",
    ),
    *(
        "-- mig-lsp: ignore ",
        "-- mig-lsp: ignore-file x -- y\n",
        "--> statement-breakpoint\n",
        "-- Rollback:\n",
        "/* ; */",
    ),
    *("CONCURRENTLY", "BEGIN", "COMMIT;", "END;", "CASE", "ATOMIC", "AUTO_INCREMENT", "ENGINE=InnoDB"),
    *(
        "IDENTITY(1,1)",
        "NVARCHAR(MAX)",
        "DATETIME",
        "IFNULL(",
        "NOT",
        "NULL",
        "SELECT",
        "FROM",
        "AS",
        "ON",
        "IF NOT EXISTS",
        "EXISTS",
    ),
)
_ENDS = (
    ";\n",
    ";\n",
    ";\n",
    ";\n\n",
    ";",
    "; -- note\n",
    ";--> statement-breakpoint\n",
    "\n--> statement-breakpoint\n",
)
_ODD_ENDS = ("", "\n", ";;\n", ";\r\n", ";\r", ";\f\n", " ;\n", ";\xa0\n", ";\ufeff\n", ";/* x */\n", "\n;\n", "\\g\n")
_COMMENTS = (
    "-- Migration {number}: é 😀; what it does\n-- ROLLBACK PROCEDURE:\n-- DROP TABLE users;\n\n",
    "-- a note; with a semicolon\n",
    "/* block ; 'quote */\n",
    "/* outer /* inner */ still */",
    "  -- indented $$ \n",
    "-- mig-lsp: ignore-file syntax-error -- why\n",
    "-- mig-lsp: ignore unguarded-create, nothing -- why\n",
    "/*\n * Rollback:\n *   DROP TABLE users;\n */\n",
    "-- =====\n-- Rollback SQL\n-- =====\n-- ALTER TABLE users DROP COLUMN x;\n",
    "\n\n",
)
_FOREIGN = (
    "CREATE TABLE `users` (`id` int AUTO_INCREMENT PRIMARY KEY, INDEX `x` (`id`)) ENGINE=InnoDB CHARSET=utf8mb4",
    "CREATE TABLE [dbo].[users] ([id] INT IDENTITY(1,1) NOT NULL, [name] NVARCHAR(MAX)) ON [PRIMARY]",
    "SELECT TOP 10 * FROM users WITH (NOLOCK)",
    "INSERT OR REPLACE INTO users VALUES (1)",
    "INSERT INTO users SET name = 'x' ON DUPLICATE KEY UPDATE name = VALUES(name)",
    "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, d DATETIME ON UPDATE CURRENT_TIMESTAMP)",
    "ALTER TABLE users MODIFY COLUMN name VARCHAR2(20 CHAR), ADD (x NUMBER(10))",
    "REPLACE INTO users VALUES (1)",
    "CREATE TABEL users (id int)",
    "ALTER TABLE users ADD COLUMN IF NOT EXIST x int,",
)  # fmt: skip


def statement(chance: random.Random, kind: str | None = None) -> str:
    """One statement without its `;`, of *kind* or of any; nearly all of them are in PostgreSQL's grammar."""
    if kind is None:
        kind = chance.choice(_USUAL if chance.random() < 0.5 else _KINDS)
    return _filled(chance, chance.choice(STATEMENTS[kind]), chance.choice((0, 1, 2, 3, 4, 6)))


def mutated(chance: random.Random, sql: str) -> str:
    """*sql* with one thing gone, twice, elsewhere, replaced or added: a token, a character, or a stretch."""
    found = [*tokens(sql)]
    if not found or chance.random() < 0.2:
        at = chance.randint(0, len(sql))
        gone = chance.choice((0, 0, 1, 2, 20))
        return sql[:at] + chance.choice((*ODD, "")) + sql[at + gone :]
    token, other = chance.choice(found), chance.choice(found)
    start, end = token.start, token.end
    word, instead = sql[start:end], sql[other.start : other.end]
    match chance.randrange(9):
        case 0:
            return sql[:start] + sql[end:]
        case 1:
            return f"{sql[:end]} {word}{sql[end:]}"
        case 2:
            return sql[:start] + instead + sql[end:]
        case 3:
            return sql[:start]
        case 4:
            return sql[end:]
        case 5:
            return sql[:start] + chance.choice(ODD) + sql[end:]
        case 6:
            return f"{sql[:end]} {chance.choice(ODD)} {sql[end:]}"
        case 7:
            cased = chance.choice((word.upper(), word.lower(), word.title(), f'"{word}"', f"U&{word}", f"E{word}"))
            return sql[:start] + cased + sql[end:]
        case _:
            return sql[:start] + chance.choice(("\n", "\r\n", "\f", " -- x;\n", "/* ; */", "\n\n")) + sql[start:]


def migration(chance: random.Random, number: int = 10) -> str:
    """The text of a file: some statements, most of them as they should be, with comments and any line ends."""
    parts = [chance.choice(_COMMENTS)] if chance.random() < 0.6 else []
    harm = chance.choice((0.0, 0.0, 0.15, 0.5))
    for _ in range(chance.choice((1, 1, 2, 3, 5, 9))):
        sql = chance.choice(_FOREIGN) if chance.random() < 0.04 else statement(chance)
        if chance.random() < 0.1:
            parts.append(chance.choice(_COMMENTS))
        while chance.random() < harm:
            sql = mutated(chance, sql)
        parts += (sql, chance.choice(_ODD_ENDS if chance.random() < harm else _ENDS))
    text = "".join(parts).replace("{number}", str(number).zfill(3))
    while chance.random() < harm / 2:
        text = mutated(chance, text)
    if chance.random() < 0.15:
        text = text.replace("\n", chance.choice(("\r\n", "\r", "\n\f", "\u2028\n")))
    return text


def workspace(chance: random.Random) -> dict[str, str]:
    """The texts of a set by path: two to four migrations, and most often a manifest, a configuration and a log."""
    numbers = range(10, 10 + chance.randint(2, 4))
    names = [f"{number:03}-{chance.choice('abc')}.sql" for number in numbers]
    texts = {f"m/{name}": migration(chance, number) for name, number in zip(names, numbers, strict=True)}
    profile = chance.choice(tuple(PROFILES))
    settings = f'[migrations]\ndirectory = "m"\nfirst-number = 10\n[runner]\nprofile = "{profile}"\n'
    texts["mig-lsp.toml"] = settings + chance.choice(("", '[rules.missing-header]\nseverity = "off"\n', "x = [\n"))
    listed = chance.sample(names, len(names)) if chance.random() < 0.1 else names[chance.random() < 0.1 :]
    match chance.randrange(4):
        case 0:
            texts["m.ts"] = _code(listed)
        case 1:
            texts["m.json"] = json.dumps({"migrationFiles": listed, "schemaDir": "m"}, indent=2)
        case 2:
            tags = [{"idx": at, "when": at, "tag": name.removesuffix(".sql")} for at, name in enumerate(listed)]
            texts["m/meta/_journal.json"] = json.dumps({"version": "7", "entries": tags})
        case _:
            pass
    if chance.random() < 0.3:
        rows = [f"{name},{chance.choice(('completed', 'failed'))}" for name in names if chance.random() < 0.5]
        texts["dev.log.csv"] = "\n".join(("description,status", *rows))
    return texts


def edited(chance: random.Random, text: str) -> str:
    """*text* after one thing that somebody may do in an editor."""
    if chance.random() < 0.5:
        return mutated(chance, text)
    start = chance.randint(0, len(text))
    end = min(len(text), start + chance.choice((0, 0, 1, 3, 40, 400)))
    added = chance.choice((*ODD, "", "x", ";", ";\n", "\n", statement(chance) + ";\n", text[start:end] * 2))
    return text[:start] + added + text[end:]


def smaller(text: str) -> Sequence[str]:
    """Texts with a part of *text* taken out, the largest parts first."""
    pieces = [text[start:end] for start, end in _pieces(text)]
    found = []
    size = len(pieces)
    while size >= 1:
        for at in range(0, len(pieces), size):
            found.append("".join((*pieces[:at], *pieces[at + size :])))
        size //= 2
    return found


def _pieces(text: str) -> list[tuple[int, int]]:
    starts = [0, *(token.start for token in tokens(text) if token.start), len(text)]
    return [(start, end) for start, end in pairwise(starts) if start < end]


def _code(names: Sequence[str]) -> str:
    lines = "".join(f"  '{name}',\n" for name in names)
    return f"// é 😀\nexport const MIGRATION_FILES: string[] = [\n{lines}];\n"


def _filled(chance: random.Random, shape: str, depth: int) -> str:
    def fill(hole: re.Match[str]) -> str:
        shapes = _SHAPES[hole[1]]
        return _filled(chance, shapes[0] if depth <= 0 else chance.choice(shapes), depth - 1)

    return _HOLE.sub(fill, shape)
