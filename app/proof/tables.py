"""Tables against the program: whether they are what it reads and writes, and whether anything else changes rows.

A view in a table's place shows whatever somebody likes; a trigger that is not ours alters what we write before it is
bound, and then it is bound like that.
"""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from sqlalchemy import UniqueConstraint

from app.core import watching
from app.core.database import db
from app.core.ledger import AuditRecord
from app.proof.reading import Snapshot
from app.proof.rules import Found, Kind

_CHECK = re.compile(r"\bCHECK\s*\(", re.IGNORECASE)  # we make no table with one
_NOTES = 29  # pg_trigger.tgtype: after each row that is put in, changed or deleted
_OWN_SCHEMA = "JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema()"
Tell = Callable[[Found], None]


def compare(look: Snapshot, tell: Tell) -> set[str]:
    """Tell what differs; the names of tables that cannot be read as the program knows them."""
    unreadable, real, columns = set(), set(_real_tables(look)), _columns(look)
    for table in (AuditRecord.__table__, *(one.table for one in watching.watched())):
        there = columns.get(table.name, set())
        missing = sorted({column.name for column in table.columns} - there)
        if missing:
            unreadable.add(table.name)
            tell(
                _told(table.name, "missing" if not there else "columns", ", ".join(missing if there else ()))
            )
        elif table.name not in real:
            tell(_told(table.name, "no_table"))
    for name, why, what in _of_sqlite(look) if look.is_sqlite else _of_postgres(look, columns):
        if name in db.metadata.tables:  # another program may live in the same database
            tell(_told(name, why, what))
    return unreadable


def _told(table: str, why: str, what: str = "") -> Found:
    return Found(Kind.TABLE_CHANGED, table, found=what, detail=why)


def _real_tables(look: Snapshot) -> Iterator[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if not look.is_sqlite:
        query = f"SELECT c.relname FROM pg_class c {_OWN_SCHEMA} WHERE c.relkind = 'r'"
    return (row[0] for row in look.rows(query))


def _columns(look: Snapshot) -> dict[str, set[str]]:
    """The columns of everything that can be read like a table, in one read."""
    query = "SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p"
    if not look.is_sqlite:
        query = (
            f"SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid {_OWN_SCHEMA}"
            " WHERE a.attnum > 0 AND NOT a.attisdropped"
        )
    found: dict[str, set[str]] = {}
    for table, column in look.rows(query):
        found.setdefault(table, set()).add(column)
    return found


def _of_sqlite(look: Snapshot) -> Iterator[tuple[str, str, str]]:
    """Table, what it is, its name. Ours stand in the connection, never in the file."""
    for table, name in look.rows(
        "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    ):
        yield table, "trigger", name
    swallows = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE ? ORDER BY name"
    for (table,) in look.rows(swallows, "%ON CONFLICT%"):
        yield table, "swallows", ""

    known = _known()
    for table, sql in look.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name"):
        if _CHECK.search(sql):
            yield table, "constraint", "CHECK"
    unique = (
        "SELECT m.name, l.name, group_concat(i.name) FROM sqlite_master m, pragma_index_list(m.name) l,"
        " pragma_index_info(l.name) i WHERE m.type = 'table' AND l.\"unique\" = 1 AND l.origin <> 'pk' GROUP BY 1, 2"
    )
    for table, name, columns in look.rows(unique):
        if name not in known and (table, frozenset(str(columns).split(","))) not in known:
            yield table, "constraint", name


def _known() -> set[Any]:
    """The names of our constraints and unique indexes; of those a table itself is made with its columns, too."""
    found: set[Any] = set()
    for table in db.metadata.tables.values():
        found |= {str(index.name) for index in table.indexes if index.unique}
        for one in table.constraints:
            found.add(str(one.name))
            if isinstance(one, UniqueConstraint):
                found.add((table.name, frozenset(column.name for column in one.columns)))
    return found


def _of_postgres(look: Snapshot, columns: Collection[str]) -> Iterator[tuple[str, str, str]]:
    ours = {one.table.name: watching.body(one) for one in watching.watched()}
    query = (
        "SELECT c.relname, t.tgname, t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL, t.tgtype, p.prosrc"
        f" FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid {_OWN_SCHEMA}"
        " WHERE NOT t.tgisinternal ORDER BY 1, 2"
    )
    notes = set()
    for table, name, runs, kind, source in look.rows(query):
        if table in ours and name == watching.name_of(table) and source == ours[table]:
            notes |= {table} if runs and kind == _NOTES else set()
        else:
            yield table, "trigger", name
    for table in sorted((ours.keys() - notes) & set(columns)):
        yield table, "unnoted", ""
    for table, name in look.rows(
        "SELECT tablename, rulename FROM pg_rules WHERE schemaname = current_schema()"
    ):
        yield table, "rule", name
    for (table,) in look.rows(f"SELECT c.relname FROM pg_class c {_OWN_SCHEMA} WHERE c.relrowsecurity"):
        yield table, "row_security", ""
    constraints = (
        f"SELECT c.relname, k.conname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid {_OWN_SCHEMA}"
        " WHERE k.contype IN ('c', 'u', 'x', 't')"
        " UNION SELECT c.relname, i.relname FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid"
        f" JOIN pg_class i ON i.oid = x.indexrelid {_OWN_SCHEMA} WHERE x.indisunique ORDER BY 1, 2"
    )
    known = _known()
    for table, name in look.rows(constraints):
        if name not in known:
            yield table, "constraint", name
