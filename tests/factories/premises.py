"""Invented premises. Call inside an application context; commit yourself."""

from itertools import count
from typing import Any

from app.accounts.models import Person
from app.accounts.regions import Region
from app.core.database import db
from app.core.ids import new_id
from app.premises.facts import Facts
from app.premises.import_services import begin_import
from app.premises.importing import Table
from app.premises.models import ImportBatch, Premises
from app.premises.services import register_premises

_numbers = count(1)


def some_facts(region: Region, name: str = "", **changes: Any) -> Facts:
    """Facts of a small eatery nobody has ever heard of."""
    values: dict[str, Any] = {
        "name": name or f"试验小吃{next(_numbers)}号(演示)",
        "kind": "small_eatery",
        "domains": ("catering", "fire"),
        "region": region,
    }
    return Facts(**values | changes)


def make_premises(region: Region, name: str = "", **changes: Any) -> Premises:
    """A registered premises in `region`, findable like any other."""
    return register_premises(some_facts(db.session.get_one(Region, region.id), name, **changes), None)


def make_import(person: Person, rows: list[list[str]] | None = None) -> ImportBatch:
    """An uploaded register that waits for its preview."""
    table = Table(["名称", "类型"], rows or [["试验小店(演示)", "商店"]], 2)
    return begin_import(table, "register.csv", db.session.get_one(Person, person.id), new_id())
