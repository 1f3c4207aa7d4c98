"""The one table of facts about locks: what each kind of statement locks, and how long it holds the lock.

Every row that the embedded server can carry out is measured by tests/oracle/test_locks.py (PostgreSQL 18: `pg_locks`,
`relfilenode`, counted scans). What holds only since, or only up to, another version is from PostgreSQL's documentation
and release notes.
"""

from __future__ import annotations

from collections import defaultdict
from enum import IntEnum
from types import MappingProxyType
from typing import Literal, NamedTuple

Work = Literal["none", "scan", "build", "rewrite"]
"""What takes as long as there are rows while the lock is held: reading the table, building an index, or writing the
table anew; "none" is over at once."""


class Mode(IntEnum):
    """PostgreSQL's lock modes on tables, weakest first, with the numbers that LOCK TABLE has in the grammar."""

    NONE = 0
    ACCESS_SHARE = 1
    ROW_SHARE = 2
    ROW_EXCLUSIVE = 3
    SHARE_UPDATE_EXCLUSIVE = 4
    SHARE = 5
    SHARE_ROW_EXCLUSIVE = 6
    EXCLUSIVE = 7
    ACCESS_EXCLUSIVE = 8

    @property
    def words(self) -> str:
        """The name as LOCK TABLE writes it."""
        return self.name.replace("_", " ")

    @property
    def blocks_reads(self) -> bool:
        """Whether a plain SELECT waits."""
        return self is Mode.ACCESS_EXCLUSIVE

    @property
    def blocks_writes(self) -> bool:
        """Whether INSERT, UPDATE and DELETE wait."""
        return self >= Mode.SHARE

    @property
    def blocks(self) -> str:
        """Who waits, in words."""
        if self.blocks_reads:
            return "reads and writes"
        if self.blocks_writes:
            return "writes"
        return "schema changes" if self >= Mode.SHARE_UPDATE_EXCLUSIVE else "nothing that an application does"


class Fact(NamedTuple):
    """What *statement* does to the table it is about, and to the *other* one that is involved.

    *other* is the lock on the referenced table, the parent or the partition, NONE where there is no other table or no
    lock on it. The fact holds from PostgreSQL *since* on, up to the next fact about the same statement. *source* is the
    page of PostgreSQL's documentation.
    """

    statement: str
    mode: Mode
    work: Work
    source: str
    other: Mode = Mode.NONE
    since: int = 12

    @property
    def url(self) -> str:
        """Where PostgreSQL's documentation says so."""
        return f"https://www.postgresql.org/docs/current/{self.source}"


_AE, _SRE, _SUE = Mode.ACCESS_EXCLUSIVE, Mode.SHARE_ROW_EXCLUSIVE, Mode.SHARE_UPDATE_EXCLUSIVE
_ALTER, _CREATE = "sql-altertable.html", "sql-createtable.html"
_LOCKS, _NOTES = "explicit-locking.html", "sql-altertable.html#SQL-ALTERTABLE-NOTES"

FACTS = (
    # --- Indexes ---
    Fact("CREATE INDEX", Mode.SHARE, "build", "sql-createindex.html"),
    Fact("CREATE INDEX CONCURRENTLY", _SUE, "build", "sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY"),
    Fact("DROP INDEX", _AE, "none", "sql-dropindex.html"),
    Fact("DROP INDEX CONCURRENTLY", _SUE, "none", "sql-dropindex.html"),
    Fact("REINDEX TABLE", Mode.SHARE, "build", "sql-reindex.html"),
    Fact("REINDEX INDEX", Mode.SHARE, "build", "sql-reindex.html"),
    Fact("REINDEX CONCURRENTLY", _SUE, "build", "sql-reindex.html#SQL-REINDEX-CONCURRENTLY"),
    # --- Columns ---
    Fact("ADD COLUMN", _AE, "none", _NOTES),
    Fact("ADD COLUMN with a volatile default", _AE, "rewrite", _NOTES),
    Fact("ADD COLUMN of a serial type", _AE, "rewrite", _NOTES),
    Fact("ADD COLUMN as IDENTITY", _AE, "rewrite", _NOTES),
    Fact("ADD COLUMN GENERATED STORED", _AE, "rewrite", _NOTES),
    Fact("ADD COLUMN GENERATED VIRTUAL", _AE, "none", _NOTES, since=18),
    Fact("ADD COLUMN NOT NULL without a default", _AE, "scan", _NOTES),
    Fact("ADD COLUMN with CHECK", _AE, "scan", _NOTES),
    Fact("ADD COLUMN with UNIQUE", _AE, "build", _NOTES),
    Fact("ADD COLUMN with REFERENCES", _AE, "none", _NOTES, other=_SRE),
    Fact("ADD COLUMN with REFERENCES and a default", _AE, "scan", _NOTES, other=_SRE),
    Fact("DROP COLUMN", _AE, "none", _NOTES),
    Fact("ALTER COLUMN TYPE", _AE, "rewrite", _NOTES),
    Fact("ALTER COLUMN TYPE to one that stores the same", _AE, "none", _NOTES),
    Fact("SET DEFAULT", _AE, "none", _ALTER),
    Fact("SET NOT NULL", _AE, "scan", _ALTER),
    Fact("SET NOT NULL behind a valid CHECK", _AE, "none", _ALTER),
    Fact("DROP NOT NULL", _AE, "none", _ALTER),
    Fact("SET EXPRESSION", _AE, "rewrite", _ALTER, since=17),
    Fact("ADD GENERATED AS IDENTITY", _AE, "none", _ALTER),
    Fact("SET STATISTICS", _SUE, "none", _ALTER),
    Fact("SET a column's options", _SUE, "none", _ALTER),
    Fact("SET STORAGE", _AE, "none", _ALTER),
    Fact("SET COMPRESSION", _AE, "none", _ALTER, since=14),
    # --- Constraints ---
    Fact("ADD CHECK", _AE, "scan", _NOTES),
    Fact("ADD CHECK NOT VALID", _AE, "none", _NOTES),
    Fact("ADD NOT NULL", _AE, "scan", _ALTER, since=18),
    Fact("ADD NOT NULL NOT VALID", _AE, "none", _ALTER, since=18),
    Fact("ADD FOREIGN KEY", _SRE, "scan", _ALTER, other=_SRE),
    Fact("ADD FOREIGN KEY NOT VALID", _SRE, "none", _ALTER, other=_SRE),
    Fact("ADD UNIQUE", _AE, "build", _ALTER),
    Fact("ADD PRIMARY KEY", _AE, "build", _ALTER),
    Fact("ADD UNIQUE USING INDEX", _AE, "none", _ALTER),
    Fact("ADD PRIMARY KEY USING INDEX", _AE, "none", _ALTER),
    Fact("ADD EXCLUDE", _AE, "build", _ALTER),
    Fact("VALIDATE CONSTRAINT", _SUE, "scan", _NOTES),
    Fact("VALIDATE CONSTRAINT of a foreign key", _SUE, "scan", _NOTES, other=Mode.ROW_SHARE),
    Fact("ALTER CONSTRAINT", _AE, "none", _ALTER),
    Fact("DROP CONSTRAINT", _AE, "none", _ALTER),
    Fact("DROP CONSTRAINT of a foreign key", _AE, "none", _ALTER, other=_AE),
    # --- The table as a whole ---
    Fact("SET LOGGED", _AE, "rewrite", _ALTER),
    Fact("SET UNLOGGED", _AE, "rewrite", _ALTER),
    Fact("SET TABLESPACE", _AE, "rewrite", _ALTER),
    Fact("SET ACCESS METHOD", _AE, "rewrite", _ALTER, since=15),
    Fact("SET a table's options", _SUE, "none", _ALTER),
    Fact("CLUSTER ON", _SUE, "none", _ALTER),
    Fact("INHERIT", _AE, "none", _ALTER, other=_SUE),
    Fact("NO INHERIT", _AE, "none", _ALTER, other=Mode.ACCESS_SHARE),
    Fact("ENABLE or DISABLE TRIGGER", _SRE, "none", _ALTER),
    Fact("ENABLE or DISABLE RULE", _AE, "none", _ALTER),
    Fact("ENABLE or DISABLE ROW LEVEL SECURITY", _AE, "none", _ALTER),
    Fact("REPLICA IDENTITY", _AE, "none", _ALTER),
    Fact("OWNER TO", _AE, "none", _ALTER),
    Fact("SET SCHEMA", _AE, "none", _ALTER),
    Fact("RENAME", _AE, "none", _ALTER),
    Fact("ATTACH PARTITION", _AE, "scan", _ALTER, other=_SUE),
    Fact("DETACH PARTITION", _AE, "none", _ALTER, other=_AE),
    Fact("DETACH PARTITION CONCURRENTLY", _SUE, "none", _ALTER, other=_AE, since=14),
    Fact("DROP TABLE", _AE, "none", _LOCKS),
    Fact("DROP SCHEMA", _AE, "none", "sql-dropschema.html"),
    Fact("RENAME SCHEMA", Mode.NONE, "none", "sql-alterschema.html"),
    Fact("TRUNCATE", _AE, "none", "sql-truncate.html"),
    Fact("CLUSTER", _AE, "rewrite", "sql-cluster.html"),
    Fact("VACUUM FULL", _AE, "rewrite", "sql-vacuum.html"),
    Fact("VACUUM", _SUE, "scan", "sql-vacuum.html"),
    Fact("ANALYZE", _SUE, "none", "sql-analyze.html"),
    # --- What hangs on a table ---
    Fact("CREATE TABLE with REFERENCES", _SRE, "none", _LOCKS),
    Fact("CREATE TABLE PARTITION OF", _AE, "none", _CREATE),
    Fact("CREATE TABLE INHERITS", _SUE, "none", _CREATE),
    Fact("CREATE TRIGGER", _SRE, "none", _LOCKS),
    Fact("DROP TRIGGER", _AE, "none", "sql-droptrigger.html"),
    Fact("CREATE RULE", _AE, "none", "sql-createrule.html"),
    Fact("DROP RULE", _AE, "none", "sql-droprule.html"),
    Fact("CREATE POLICY", _AE, "none", "sql-createpolicy.html"),
    Fact("ALTER POLICY", _AE, "none", "sql-alterpolicy.html"),
    Fact("DROP POLICY", _AE, "none", "sql-droppolicy.html"),
    Fact("CREATE STATISTICS", _SUE, "none", _LOCKS),
    Fact("COMMENT", _SUE, "none", "sql-comment.html"),
    # --- Views, domains, types ---
    Fact("CREATE OR REPLACE VIEW", _AE, "none", "sql-createview.html"),
    Fact("DROP VIEW", _AE, "none", "sql-dropview.html"),
    Fact("DROP MATERIALIZED VIEW", _AE, "none", "sql-dropmaterializedview.html"),
    Fact("REFRESH MATERIALIZED VIEW", _AE, "rewrite", "sql-refreshmaterializedview.html"),
    Fact("REFRESH MATERIALIZED VIEW CONCURRENTLY", Mode.EXCLUSIVE, "scan", "sql-refreshmaterializedview.html"),
    Fact("ALTER DOMAIN ADD CONSTRAINT", Mode.SHARE, "scan", "sql-alterdomain.html"),
    Fact("ALTER DOMAIN ADD CONSTRAINT NOT VALID", Mode.NONE, "none", "sql-alterdomain.html"),
    Fact("ALTER DOMAIN SET NOT NULL", Mode.SHARE, "scan", "sql-alterdomain.html"),
    Fact("ALTER DOMAIN VALIDATE CONSTRAINT", Mode.SHARE, "scan", "sql-alterdomain.html"),
    Fact("ALTER TYPE ADD VALUE", Mode.NONE, "none", "sql-altertype.html"),
    Fact("ALTER TYPE RENAME VALUE", Mode.NONE, "none", "sql-altertype.html"),
    # --- Rows ---
    Fact("INSERT", Mode.ROW_EXCLUSIVE, "none", _LOCKS),
    Fact("UPDATE", Mode.ROW_EXCLUSIVE, "scan", _LOCKS),
    Fact("DELETE", Mode.ROW_EXCLUSIVE, "scan", _LOCKS),
)


def fact(statement: str, version: int) -> Fact:
    """What is true of *statement* (a name of the table) in PostgreSQL *version*; of older ones, what the oldest does.

    Raises KeyError when there is no such row.
    """
    rows = _BY_STATEMENT[statement]
    return next((row for row in reversed(rows) if row.since <= version), rows[0])


def _by_statement() -> MappingProxyType[str, list[Fact]]:
    rows: defaultdict[str, list[Fact]] = defaultdict(list)
    for row in FACTS:
        rows[row.statement].append(row)
    return MappingProxyType(dict(rows))


_BY_STATEMENT = _by_statement()
