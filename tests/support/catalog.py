"""What a database holds, as a sorted list of lines: databases with the same lines have the same schema."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection

_QUERIES = (
    """SELECT 'relation', n.nspname, c.relname, c.relkind::text, c.relrowsecurity::text, obj_description(c.oid)
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE own(n.nspname)""",
    """SELECT 'column', n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
              a.attidentity::text, pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attnum > 0 AND NOT a.attisdropped AND own(n.nspname)""",
    """SELECT 'constraint', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid), k.convalidated::text
         FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace LEFT JOIN pg_class c ON c.oid = k.conrelid
        WHERE own(n.nspname)""",
    "SELECT 'index', schemaname, indexname, indexdef FROM pg_indexes WHERE own(schemaname)",
    "SELECT 'view', schemaname, viewname, definition FROM pg_views WHERE own(schemaname)",
    """SELECT 'type', n.nspname, t.typname, t.typtype::text,
              (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
         FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE own(n.nspname)""",
    """SELECT 'routine', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), p.prosrc
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE own(n.nspname)""",
    """SELECT 'trigger', n.nspname, c.relname, t.tgname, pg_get_triggerdef(t.oid)
         FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE NOT t.tgisinternal AND own(n.nspname)""",
    """SELECT 'rule', n.nspname, c.relname, r.rulename
         FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE own(n.nspname)""",
    """SELECT 'policy', n.nspname, c.relname, p.polname, pg_get_expr(p.polqual, p.polrelid)
         FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE own(n.nspname)""",
    """SELECT 'statistics', n.nspname, s.stxname FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
        WHERE own(n.nspname)""",
    """SELECT 'collation', n.nspname, c.collname FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
        WHERE own(n.nspname)""",
    "SELECT 'schema', nspname FROM pg_namespace WHERE own(nspname)",
    "SELECT 'extension', extname FROM pg_extension",
    "SELECT 'publication', pubname FROM pg_publication",
    "SELECT 'event trigger', evtname FROM pg_event_trigger",
)


def catalog(connection: Connection[tuple[object, ...]]) -> list[str]:
    """The schema of the connection's database, in words; temporary objects left out."""
    lines = []
    for query in _QUERIES:
        own = re.sub(r"own\((\S+)\)", r"\1 !~ '^(pg_|information_schema$)'", query)
        for row in connection.execute(own.encode()).fetchall():
            lines.append(" | ".join("" if value is None else str(value) for value in row))
    return sorted(lines)
