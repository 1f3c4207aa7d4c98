"""What a database holds and what the catalog says of it, as values that can be compared.

A `State` has a `Thing` for each catalog key. A thing is a dict of what is worth comparing; where the catalog does not
tell, UNTOLD stands in for the whole thing or for a part of it, and equals whatever the server says. Left out on both
sides are roles, privileges, the constraints for NOT NULL, and what belongs to extensions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import psycopg

from mig_lsp.core.catalog.replay import World
from mig_lsp.core.catalog.types import display
from mig_lsp.core.catalog.values import (
    UNKNOWN,
    Column,
    Constraint,
    EnumType,
    Gone,
    Index,
    Key,
    Named,
    OtherType,
    Routines,
    Sequence,
    Table,
    Trigger,
    Type,
    Value,
    View,
)

Thing = dict[str, Any]
State = dict[Key, Thing]
Look = Callable[[Key], Value]

UNTOLD: Final = "(untold)"


def actual(connection: psycopg.Connection[Any]) -> State:
    """What the connection's database holds."""
    (found,) = connection.execute(_EVERYTHING.encode()).fetchone() or ([],)
    state: State = {}
    for key, thing in found or ():
        state[tuple(key)] = thing
    return state


def predicted(look: Look, keys: Iterable[Key]) -> State:
    """What the catalog says of each of *keys*; what is not there is left out."""
    state: State = {}
    for key in keys:
        value = look(key) if key[0] in _COMPARED else None
        if value is UNKNOWN:
            state[key] = {"kind": UNTOLD}
        elif value is not None and not isinstance(value, Gone):
            thing = _thing(key, value, look)
            if thing is not None:
                state[key] = thing
    return state


def differences(server: State, look: Look, keys: Iterable[Key]) -> list[str]:
    """What the server holds otherwise than the catalog says, a line each; *keys* are those that the catalog knows."""
    catalog = predicted(look, {*keys, *server})
    found = []
    for key in sorted(catalog.keys() | server.keys()):
        name = " ".join(key)
        there, said = server.get(key), catalog.get(key)
        if said is not None and said.get("kind") == UNTOLD:
            continue
        if there is None:
            found.append(f"{name}: the catalog has it, the server has not: {said}")
        elif said is None:
            found.append(f"{name}: the server has it, the catalog has not: {there}")
        else:
            found += [
                f"{name}: {part}: server {there.get(part)}, catalog {said.get(part)}"
                for part in sorted(there.keys() | said.keys())
                if not _same(there.get(part), said.get(part))
            ]
    return found


def world_differences(server: State, world: World) -> list[str]:
    """`differences` behind the last file of *world*."""
    return differences(server, lambda key: world.at(len(world.files), key), world.layer.versions)


def _same(there: Any, said: Any) -> bool:
    if isinstance(said, str) and said == UNTOLD:
        return True
    if isinstance(there, list) and isinstance(said, list):
        return len(there) == len(said) and all(map(_same, there, said))
    if isinstance(there, dict) and isinstance(said, dict):
        return there.keys() == said.keys() and all(_same(there[name], said[name]) for name in there)
    return bool(there == said)


# --- The catalog ---

_COMPARED = {"schema", "relation", "type", "routine", "extension"}
_KINDS = {"r": "table", "p": "partitioned table", "f": "foreign table"}
_SYSTEM = {"public", "pg_catalog", "information_schema"}


def _thing(key: Key, value: Value, look: Look) -> Thing | None:
    match value:
        case Table():
            return None if value.temporary else _table(value, look)
        case View():
            return {
                "kind": "materialized view" if value.materialized else "view",
                "columns": UNTOLD if value.columns is None else [*value.columns],
                "triggers": sorted(value.triggers),
            }
        case Index():
            return _index(value)
        case Sequence():
            owner = value.owner
            return {"kind": "sequence", "owner": [*owner[0][1:], owner[1]] if owner else None}
        case EnumType():
            return {"kind": "enum", "labels": [*value.labels]}
        case OtherType():
            return _other_type(value)
        case Routines():
            return _routines(value)
        case Named() if key[0] == "schema":
            return None if key[1] in _SYSTEM else {"kind": "schema"}
        case Named() if key[0] == "extension":
            return None if key[1] in {"*", "plpgsql"} else {"kind": "extension"}
        case _:
            return None


def _table(table: Table, look: Look) -> Thing:
    if not table.whole:
        return {"kind": UNTOLD}
    return {
        "kind": _KINDS[table.kind],
        "columns": [_column(column) for column in table.columns.values()],
        "constraints": {each.name: _constraint(each, table, look) for each in table.constraints.values()},
        "triggers": {each.name: _trigger(each) for each in table.triggers.values()},
        "policies": sorted(table.policies),
        "rules": sorted(table.rules),
        "row security": table.row_security,
        "parents": [".".join(parent[1:]) for parent in table.parents],
    }


def _column(column: Column) -> list[Any]:
    return [
        column.name,
        UNTOLD if column.type is None else display(column.type),
        column.not_null,
        bool(column.default) and not column.generated,
        column.identity,
        column.generated,
    ]


def _constraint(constraint: Constraint, table: Table, look: Look) -> Thing:
    columns: Any = UNTOLD if constraint.columns is None else [*constraint.columns]
    thing: Thing = {
        "kind": constraint.kind,
        "columns": sorted({*columns}) if constraint.kind == "check" and columns != UNTOLD else columns,
        "valid": constraint.valid,
        "deferrable": constraint.deferrable,
    }
    if constraint.kind == "foreign" and constraint.references is not None:
        thing["references"] = ".".join(constraint.references[1:])
        thing["referenced"] = _referenced(constraint, table, look)
        thing["actions"] = constraint.on_delete + constraint.on_update
    return thing


def _referenced(constraint: Constraint, table: Table, look: Look) -> Any:
    if constraint.referenced:
        return [*constraint.referenced]
    other = table if constraint.references == table.key else look(constraint.references or ())
    if not isinstance(other, Table):
        return UNTOLD
    primary = [each.columns for each in other.constraints.values() if each.kind == "primary"]
    return [*primary[0]] if primary and primary[0] is not None else UNTOLD


def _trigger(trigger: Trigger) -> Thing:
    return {"routine": ".".join(trigger.routine[1:]), "before": trigger.before, "row": trigger.row}


def _index(index: Index) -> Thing:
    return {
        "kind": "index",
        "table": ".".join(index.table[1:]),
        "columns": [*index.columns],
        "including": [*index.including],
        "unique": index.unique,
        "partial": bool(index.predicate),
        "method": index.method,
        "constraint": index.constraint,
        "nulls not distinct": index.nulls_not_distinct,
    }


def _other_type(of: OtherType) -> Thing | None:
    match of.kind:
        case "domain":
            return {
                "kind": "domain",
                "base": UNTOLD if of.base is None else display(of.base),
                "constraints": sorted(of.constraints),
            }
        case "composite":
            return {"kind": "composite", "columns": [*of.columns]}
        case "multirange":
            return None
        case _:
            return {"kind": of.kind}


def _routines(routines: Routines) -> Thing:
    told: list[Any] = []
    for overload in routines.overloads:
        if None in overload.arguments:
            return {"kind": "routine", "arguments": UNTOLD}
        told.append([_argument(of) for of in overload.arguments if of is not None])
    return {"kind": "routine", "arguments": sorted(told)}


def _argument(of: Type) -> str:
    return display(of._replace(typmods=()))


# --- The server ---

# Each select gives a key and a thing; own(schema) and made(class, oid) are spelled out below.
_SELECTS: Mapping[str, str] = {
    "schemas": """
        SELECT jsonb_build_array('schema', nspname), '{"kind": "schema"}'::jsonb
          FROM pg_namespace WHERE own(nspname) AND nspname <> 'public' AND made('pg_namespace', oid)""",
    "extensions": """
        SELECT jsonb_build_array('extension', extname), '{"kind": "extension"}'::jsonb
          FROM pg_extension WHERE extname <> 'plpgsql'""",
    "tables": """
        SELECT jsonb_build_array('relation', n.nspname, c.relname), jsonb_build_object(
               'kind', CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' ELSE 'foreign table' END,
               'row security', c.relrowsecurity,
               'columns', coalesce((
                   SELECT jsonb_agg(jsonb_build_array(a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                                                      a.atthasdef AND a.attgenerated = '', a.attidentity,
                                                      a.attgenerated <> '') ORDER BY a.attnum)
                     FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
               'constraints', coalesce((
                   SELECT jsonb_object_agg(k.conname, jsonb_build_object(
                              'kind', CASE k.contype WHEN 'p' THEN 'primary' WHEN 'u' THEN 'unique' WHEN 'c' THEN
                                      'check' WHEN 'f' THEN 'foreign' ELSE 'exclude' END,
                              'valid', k.convalidated, 'deferrable', k.condeferrable,
                              'columns', names(k.conrelid, k.conkey, k.contype = 'c')) ||
                          CASE WHEN k.contype <> 'f' THEN '{}' ELSE jsonb_build_object(
                              'references', (SELECT rn.nspname || '.' || rc.relname FROM pg_class rc JOIN pg_namespace
                                             rn ON rn.oid = rc.relnamespace WHERE rc.oid = k.confrelid),
                              'referenced', names(k.confrelid, k.confkey, false),
                              'actions', k.confdeltype::text || k.confupdtype::text) END)
                     FROM pg_constraint k
                    WHERE k.conrelid = c.oid AND k.contype IN ('p', 'u', 'c', 'f', 'x') AND NOT EXISTS (
                          SELECT FROM pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)), '{}'),
               'triggers', coalesce((
                   SELECT jsonb_object_agg(t.tgname, jsonb_build_object(
                              'routine', pn.nspname || '.' || p.proname,
                              'before', t.tgtype & 2 <> 0, 'row', t.tgtype & 1 <> 0))
                     FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
                     JOIN pg_namespace pn ON pn.oid = p.pronamespace
                    WHERE t.tgrelid = c.oid AND NOT t.tgisinternal), '{}'),
               'policies', coalesce((
                   SELECT jsonb_agg(p.polname ORDER BY p.polname COLLATE "C")
                     FROM pg_policy p WHERE p.polrelid = c.oid), '[]'),
               'rules', coalesce((
                   SELECT jsonb_agg(r.rulename ORDER BY r.rulename COLLATE "C")
                     FROM pg_rewrite r WHERE r.ev_class = c.oid), '[]'),
               'parents', coalesce((
                   SELECT jsonb_agg(pn.nspname || '.' || pc.relname ORDER BY i.inhseqno)
                     FROM pg_inherits i JOIN pg_class pc ON pc.oid = i.inhparent JOIN pg_namespace pn
                       ON pn.oid = pc.relnamespace WHERE i.inhrelid = c.oid), '[]'))
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p', 'f') AND own(n.nspname) AND made('pg_class', c.oid)""",
    "views": """
        SELECT jsonb_build_array('relation', n.nspname, c.relname), jsonb_build_object(
               'kind', CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END,
               'columns', coalesce((
                   SELECT jsonb_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
                    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]'),
               'triggers', coalesce((
                   SELECT jsonb_agg(t.tgname ORDER BY t.tgname COLLATE "C") FROM pg_trigger t
                    WHERE t.tgrelid = c.oid AND NOT t.tgisinternal), '[]'))
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('v', 'm') AND own(n.nspname) AND made('pg_class', c.oid)""",
    "indexes": """
        SELECT jsonb_build_array('relation', n.nspname, c.relname), jsonb_build_object(
               'kind', 'index', 'table', tn.nspname || '.' || t.relname,
               'columns', (SELECT jsonb_agg(CASE i.indkey[p] WHEN 0 THEN '' ELSE (SELECT a.attname FROM pg_attribute a
                                  WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[p]) END ORDER BY p)
                             FROM generate_series(0, i.indnkeyatts - 1) p),
               'including', coalesce((
                   SELECT jsonb_agg((SELECT a.attname FROM pg_attribute a WHERE a.attrelid = i.indrelid
                                        AND a.attnum = i.indkey[p]) ORDER BY p)
                     FROM generate_series(i.indnkeyatts, i.indnatts - 1) p), '[]'),
               'unique', i.indisunique, 'partial', i.indpred IS NOT NULL, 'method', m.amname,
               'nulls not distinct', i.indnullsnotdistinct,
               'constraint', coalesce((
                   SELECT k.conname FROM pg_constraint k
                    WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')), ''))
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_index i ON i.indexrelid = c.oid
          JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
          JOIN pg_am m ON m.oid = c.relam
         WHERE own(n.nspname) AND made('pg_class', c.oid)""",
    "sequences": """
        SELECT jsonb_build_array('relation', n.nspname, c.relname), jsonb_build_object('kind', 'sequence', 'owner', (
                   SELECT jsonb_build_array(tn.nspname, t.relname, a.attname)
                     FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid
                     JOIN pg_namespace tn ON tn.oid = t.relnamespace
                     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
                      AND d.deptype IN ('a', 'i') AND d.refobjsubid <> 0))
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind = 'S' AND own(n.nspname) AND made('pg_class', c.oid)""",
    "types": """
        SELECT jsonb_build_array('type', n.nspname, t.typname), CASE t.typtype
               WHEN 'e' THEN jsonb_build_object('kind', 'enum', 'labels', coalesce((
                   SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder)
                     FROM pg_enum e WHERE e.enumtypid = t.oid), '[]'))
               WHEN 'd' THEN jsonb_build_object('kind', 'domain', 'base', format_type(t.typbasetype, t.typtypmod),
                   'constraints', coalesce((
                   SELECT jsonb_agg(k.conname ORDER BY k.conname COLLATE "C") FROM pg_constraint k
                    WHERE k.contypid = t.oid AND k.contype = 'c'), '[]'))
               WHEN 'c' THEN jsonb_build_object('kind', 'composite', 'columns', coalesce((
                   SELECT jsonb_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
                    WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped), '[]'))
               WHEN 'r' THEN '{"kind": "range"}' ELSE '{"kind": "base"}' END
          FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
         WHERE own(n.nspname) AND made('pg_type', t.oid) AND t.typtype <> 'm'
           AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
           AND (c.oid IS NULL OR c.relkind = 'c')""",
    "routines": """
        SELECT jsonb_build_array('routine', nspname, proname), jsonb_build_object('kind', 'routine', 'arguments',
               jsonb_agg(arguments ORDER BY arguments))
          FROM (SELECT n.nspname, p.proname, coalesce((
                       SELECT jsonb_agg(format_type(a.of, -1) ORDER BY a.place)
                         FROM unnest(p.proargtypes) WITH ORDINALITY a (of, place)), '[]') AS arguments
                  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                 WHERE own(n.nspname) AND made('pg_proc', p.oid)
                   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                                      AND d.deptype = 'i')) r
         GROUP BY nspname, proname""",
}


def _spelled_out(select: str) -> str:
    select = re.sub(r"\bown\(([\w.]+)\)", r"(\1 !~ '^(pg_|information_schema$)')", select)
    select = re.sub(
        r"\bmade\(('\w+'), ([\w.]+)\)",
        r"NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = \1::regclass AND x.objid = \2 AND x.deptype = 'e')",
        select,
    )
    return re.sub(
        r"\bnames\(([\w.]+), ([\w.]+), ([^()]+)\)",
        r"""coalesce((
            SELECT jsonb_agg(coalesce(a.attname, '') ORDER BY CASE WHEN \3 THEN a.attname END COLLATE "C", u.place)
              FROM unnest(\2) WITH ORDINALITY u (number, place) LEFT JOIN pg_attribute a
              ON a.attrelid = \1 AND a.attnum = u.number AND a.attnum > 0), '[]')""",
        select,
    )


_EVERYTHING = "SELECT jsonb_agg(jsonb_build_array(key, thing)) FROM ({}) everything (key, thing)".format(
    " UNION ALL ".join(map(_spelled_out, _SELECTS.values()))
)
