"""Many rows in one statement, worked out before the database is asked to let us write.

SQLAlchemy works out every row of an executemany anew, which costs more than the database does, and while others wait.
Here each parameter's conversion is looked up once and applied column by column; statements and types are SQLAlchemy's.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from operator import is_
from typing import Any

from sqlalchemy import Dialect, insert

from app.core.database import db

Convert = Callable[[Any], Any]
_NOTHING = object()


@dataclass(frozen=True, slots=True)
class Ready:
    """A statement and its rows as the driver takes them."""

    sql: str
    rows: list[Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    by_position: bool
    names: tuple[str, ...]
    converts: tuple[Convert | None, ...]


@lru_cache(maxsize=512)
def _compiled(statement: Any, names: tuple[str, ...], dialect: Dialect) -> _Compiled:
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    order = tuple(compiled.positiontup or names)
    types = (compiled.binds[name].type for name in order)
    converts = tuple(kind.dialect_impl(dialect).bind_processor(dialect) for kind in types)
    return _Compiled(str(compiled), bool(compiled.positiontup), order, converts)


@lru_cache(maxsize=64)
def _insert(table: Any) -> Any:
    return insert(table)


def ready(statement: Any, rows: Sequence[Mapping[str, Any]]) -> Ready:
    """`statement` with its parameters for each of `rows`, which all have the same keys, as the driver takes them."""
    compiled = _compiled(statement, tuple(rows[0]), db.session.get_bind().dialect)
    columns = [
        _column([row[name] for row in rows], convert)
        for name, convert in zip(compiled.names, compiled.converts, strict=True)
    ]
    if compiled.by_position:
        return Ready(compiled.sql, list(zip(*columns, strict=True)))
    return Ready(compiled.sql, [dict(zip(compiled.names, row, strict=True)) for row in zip(*columns, strict=True)])


def ready_to_insert(table: Any, rows: Sequence[Mapping[str, Any]]) -> Ready:
    """The same for new rows; every value is given: defaults of the model are not asked."""
    return ready(_insert(table), rows)


def run(work: Ready) -> int:
    """Do it; how many rows it touched."""
    return int(db.session.connection().exec_driver_sql(work.sql, work.rows).rowcount)


def _column(values: list[Any], convert: Convert | None) -> list[Any]:
    """One parameter's values as the driver takes them; rows of one sending share most of theirs."""
    if convert is None:
        return values
    if all(map(is_, values, repeat(values[0]))):
        return [convert(values[0])] * len(values)
    converted, last, result = [], _NOTHING, None
    for value in values:
        if value is not last:
            last, result = value, convert(value)
        converted.append(result)
    return converted
