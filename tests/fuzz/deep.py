"""Statements as deep as anybody wants them, in everything that nests or leans: for parsers at their limits.

`python -m tests.fuzz.deep DEPTH NAME...` asks everything about each of them in one process, which a crash would end.
"""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Mapping

from mig_lsp.core.check import check_document
from tests.core.features.test_any_text import ask_everything
from tests.fuzz.judge import authors_work, findings_are_in_place, undoing_parses
from tests.support.workspace import snapshot

BEFORE = "CREATE TABLE t (a int, b int);\n"
STUCK = 120.0  # seconds

# What comes before, is opened, stands innermost, is closed, and comes behind.
_SHAPES: Mapping[str, tuple[str, str, str, str, str]] = {
    "parentheses": ("SELECT ", "(", "1", ")", ""),
    "sum": ("SELECT ", "a + ", "a", "", ""),
    "concatenation": ("UPDATE t SET a = ", "'é' || ", "b", "", " WHERE b = 1"),
    "and": ("DELETE FROM t WHERE ", "a = 1 AND ", "b", "", ""),
    "or in check": ("CREATE TABLE t (a int CHECK (", "a = 1 OR ", "b", "", "))"),
    "not": ("CREATE VIEW v AS SELECT ", "NOT ", "a", "", " FROM t"),
    "minus": ("SELECT ", "- ", "a", "", ""),
    "case": ("UPDATE t SET a = ", "CASE WHEN a THEN 1 ELSE ", "2", " END", ""),
    "case argument": ("SELECT ", "CASE ", "1", " WHEN 1 THEN 1 END", ""),
    "subquery": ("SELECT * FROM ", "(SELECT * FROM ", "t", ") a", ""),
    "scalar subquery": ("INSERT INTO t (a) SELECT ", "(SELECT ", "1", ")", ""),
    "exists": ("DELETE FROM t WHERE ", "EXISTS (SELECT 1 WHERE ", "true", ")", ""),
    "with": ("", "WITH a AS (", "SELECT 1", ") SELECT * FROM a", ""),
    "array": ("CREATE TABLE t (a int[] DEFAULT ", "ARRAY[", "1", "]", ")"),
    "subscripts": ("SELECT ", "a[", "1", "]", ""),
    "cast": ("ALTER TABLE t ALTER a SET DEFAULT ", "", "1", "::int", ""),
    "cast function": ("SELECT ", "CAST(", "1", " AS int)", ""),
    "call": ("CREATE INDEX i ON t ((", "coalesce(", "a", ")", "))"),
    "fields": ("SELECT ", "(", "a", ").b", ""),
    "collate": ("SELECT ", "", "a", ' COLLATE "C"', ""),
    "is null": ("SELECT ", "", "a", " IS NULL", ""),
    "join": ("SELECT * FROM ", "", "t", " JOIN t USING (a)", ""),
    "nested join": ("SELECT * FROM ", "(", "t", " JOIN t b ON true)", ""),
    "union": ("", "SELECT 1 UNION ALL ", "SELECT 2", "", ""),
    "union in parentheses": ("CREATE VIEW v AS ", "(", "SELECT 1", " UNION SELECT 1)", ""),
    "row": ("INSERT INTO t VALUES (", "ROW(", "1", ")", ")"),
    "row comparison": ("SELECT ", "(1, ", "2", ")", " = 1"),
    "operator": ("SELECT ", "1 OPERATOR(pg_catalog.+) ", "1", "", ""),
    "between": ("SELECT ", "a BETWEEN 1 AND ", "2", "", ""),
    "like": ("SELECT ", "", "a", " LIKE a", ""),
    "in": ("DELETE FROM t WHERE a IN (", "(1, ", "1", ")", ")"),
    "json path": ("SELECT j", " -> 'a'", "", "", " FROM t"),
    "json table": ("SELECT * FROM json_table(j, '$' COLUMNS (", "NESTED '$' COLUMNS (", "a int", ")", "))"),
    "json object": ("SELECT ", "json_object('a': ", "1", ")", ""),
    "xml": ("SELECT ", "xmlelement(name a, ", "1", ")", ""),
    "names": ("SELECT a", ".a", "", "", ""),
    "grouping sets": ("SELECT 1 FROM t GROUP BY ", "GROUPING SETS (", "a", ")", ""),
    "types": ("CREATE TABLE t (a int", "[]", "", "", ")"),
    "comment": ("SELECT ", "/* ", "x", " */", " 1"),
    "values": ("INSERT INTO t VALUES ", "(1, 'é'), ", "(2, 'x')", "", ""),
    "columns": ("CREATE TABLE t (", "a int, ", "b int", "", ")"),
    "actions": ("ALTER TABLE t ", "ADD a int, ", "DROP b", "", ""),
    "explain": ("EXPLAIN ", "(", "SELECT 1", ")", ""),
    "prepare": ("PREPARE a AS SELECT ", "(", "1", ")", ""),
    "rule": ("CREATE RULE r AS ON INSERT TO t DO ALSO (", "SELECT (1); ", "SELECT 1", "", ")"),
    "atomic": ("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC ", "SELECT CASE WHEN 1 THEN ", "1", " END;", " END"),
    "function in function": ("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT ", "(", "1", ")", " $$"),
    "plpgsql": ("DO $$ BEGIN ", "BEGIN ", "NULL;", " END;", " END $$"),
    "plpgsql if": ("DO $$ BEGIN ", "IF true THEN ", "NULL;", " END IF;", " END $$"),
    "plpgsql guard": (
        "DO $$ BEGIN CREATE TABLE t (a int CHECK (",
        "(",
        "true",
        ")",
        ")); EXCEPTION WHEN duplicate_table THEN NULL; END $$",
    ),
    "schema elements": ("CREATE SCHEMA s ", "CREATE TABLE a (b int) ", "", "", ""),
    "policy": ("CREATE POLICY p ON t USING (", "(", "true", ")", ")"),
    "trigger": ("CREATE TRIGGER g BEFORE UPDATE ON t FOR EACH ROW WHEN (", "(", "true", ")", ") EXECUTE FUNCTION f()"),
    "partition": ("CREATE TABLE t PARTITION OF u FOR VALUES IN (", "(", "1", ")", ")"),
    "merge": ("MERGE INTO t USING u ON ", "(", "true", ")", " WHEN MATCHED THEN DELETE"),
    "left open": ("SELECT ", "(", "1", "", ""),
    "closed too often": ("SELECT 1", "", "", ")", ""),
    "open brackets": ("CREATE TABLE t (a int DEFAULT ", "[", "1", "", ")"),
    "open cases": ("SELECT ", "CASE ", "1", "", ""),
    "open comments": ("SELECT 1 ", "/* ", "", "", ""),
    "open dollar quotes": ("SELECT 1 ", "$a$ $b$ ", "", "", ""),
    "operators": ("SELECT 1 ", "+", "", "", " 1"),
    "MySQL's": ("CREATE TABLE `t` (`a` int AUTO_INCREMENT DEFAULT ", "(", "1", ")", ") ENGINE=InnoDB"),
    "MySQL's cases": ("INSERT INTO `t` VALUES (", "CASE WHEN 1 THEN ", "1", " END", ")"),
    "SQL Server's": ("SELECT TOP 1 * FROM ", "(SELECT TOP 1 * FROM ", "[t]", ") a", ""),
    "MySQL's sums": ("SELECT `a` ", "+ `a` ", "", "", ""),
    "MySQL's negations": ("INSERT IGNORE INTO `t` SELECT ", "NOT ", "`a`", "", ""),
    "minuses before a name": ("SELECT `a`, ", "- ", "1", "", ""),
}
NAMES = tuple(_SHAPES)


def deep(name: str, depth: int) -> str:
    """The statement of that *name*, nested *depth* times, without its `;`."""
    before, opened, inner, closed, behind = _SHAPES[name]
    return f"{before}{opened * depth}{inner}{closed * depth}{behind}"


def main() -> int:
    """Prints each name before its statement is tried."""
    depth = int(sys.argv[1])
    faulthandler.enable()
    for name in sys.argv[2:] or NAMES:
        print(name, flush=True)
        faulthandler.dump_traceback_later(STUCK, exit=True)
        sql = deep(name, depth)
        texts = {"m/010-a.sql": f"{BEFORE}{sql};\nSELECT a FROM t;\n"}
        world = snapshot(texts)
        (path,) = world.files
        findings_are_in_place(world, path, check_document(world, path))
        ask_everything(world, path, len(BEFORE) + 10, len(BEFORE) + len(sql) // 2)
        undoing_parses(sql)
        authors_work(texts, world, path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
