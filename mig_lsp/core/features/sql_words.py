"""The words of SQL that completion offers."""

from __future__ import annotations

STATEMENTS = (
    *(
        "ALTER TABLE",
        "ALTER TYPE",
        "COMMENT ON",
        "CREATE FUNCTION",
        "CREATE INDEX IF NOT EXISTS",
        "CREATE TABLE IF NOT EXISTS",
    ),
    *(
        "CREATE TRIGGER",
        "CREATE TYPE",
        "CREATE UNIQUE INDEX IF NOT EXISTS",
        "CREATE VIEW",
        "DELETE FROM",
        "DROP INDEX IF EXISTS",
    ),
    *(
        "DROP TABLE IF EXISTS",
        "DROP TYPE IF EXISTS",
        "GRANT",
        "INSERT INTO",
        "REVOKE",
        "SELECT",
        "TRUNCATE",
        "UPDATE",
        "WITH",
    ),
)
"""What a statement of a migration may begin with."""

TYPES = (
    *("text", "integer", "bigint", "boolean", "timestamptz", "uuid", "jsonb", "varchar", "numeric", "date", "serial"),
    *(
        "bigserial",
        "smallint",
        "real",
        "double precision",
        "timestamp",
        "time",
        "interval",
        "json",
        "bytea",
        "char",
        "inet",
    ),
)
"""Built-in types, the frequent ones first."""

_KEYWORDS = """
    ADD AFTER ALL ALTER AND ANY AS ASC BEFORE BETWEEN BY CASCADE CASE CAST CHECK COALESCE COLLATE COLUMN COMMENT
    CONFLICT CONSTRAINT CREATE CROSS CURRENT_DATE CURRENT_TIMESTAMP DEFAULT DEFERRABLE DELETE DESC DISTINCT DO
    DROP EACH ELSE END ENUM EXCEPT EXECUTE EXISTS FALSE FOR FOREIGN FROM FULL FUNCTION GENERATED GRANT GROUP
    HAVING IDENTITY IF ILIKE IN INDEX INNER INSERT INTERSECT INTO IS JOIN KEY LANGUAGE LEFT LIKE LIMIT
    MATERIALIZED NOT NOTHING NOW NULL NULLS OFFSET ON ONLY OR ORDER OUTER OWNER PARTITION POLICY PRIMARY
    REFERENCES RENAME REPLACE RESTRICT RETURNING RETURNS REVOKE RIGHT ROW SCHEMA SELECT SEQUENCE SET TABLE THEN TO
    TRIGGER TRUE TRUNCATE TYPE UNION UNIQUE UPDATE USING VALIDATE VALUES VIEW WHEN WHERE WITH
"""
KEYWORDS = tuple(_KEYWORDS.split())
"""Keywords inside statements."""
