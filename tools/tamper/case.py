"""An installation to be falsified, and what must be said of it then."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask

from app import create_app
from app.proof.rules import Kind
from tests.fixtures.databases import close
from tools.tamper.year import settings_of


@dataclass
class Case:
    """An installation to be falsified, and how its state was some time ago."""

    folder: Path
    luck: random.Random
    old: Path | None = None  # an older copy of the database
    settings: dict[str, Any] = field(default_factory=dict)  # other settings from now on

    @property
    def database(self) -> Path:
        return self.folder / "data" / "xuncha.db"

    @property
    def files(self) -> Path:
        return self.folder / "data" / "files"

    def sql(self, statement: str, *values: Any) -> list[Any]:
        """As somebody with a database tool does it."""
        with closing(sqlite3.connect(self.database)) as other:
            found = other.execute(statement, values).fetchall()
            other.commit()
            return found

    @contextmanager
    def ours(self) -> Iterator[Flask]:
        """The product itself on the copy."""
        app = create_app(settings_of(self.folder))
        try:
            yield app
        finally:
            close(app)

    def digest_of_visit(self, table: str, key: str) -> frozenset[tuple[Kind, str, str]]:
        """What was frozen of the visit a row belongs to differs with it."""
        if table not in ("answers", "findings"):
            return frozenset()
        (visit,) = self.sql(f"SELECT inspection_id FROM {table} WHERE id = ?", key)[0]
        return frozenset({(Kind.CONTENT_CHANGED, "inspections", visit)})

    def some(self, statement: str, *values: Any) -> Any:
        """One of the rows, by chance."""
        return self.luck.choice(self.sql(statement, *values))


@dataclass(frozen=True)
class Named:
    """What must be found: this kind, on this object (table and key, or the record's number)."""

    kind: Kind
    table: str = ""
    key: str = ""
    seq: int | None = None
    also: frozenset[tuple[Kind, str, str]] = frozenset()  # what the same deed makes of other objects


Way = Callable[[Case], Named]
