"""Places that are to be completed are counted along an index that holds them alone."""

from flask import Flask
from sqlalchemy import func, select, text

from app.core.database import db
from app.premises.completing import _marked
from tests.factories.people import County


def test_the_index_of_marked_places_is_used(context: Flask, county: County) -> None:
    asked = select(func.count()).where(_marked(county.region))
    query = asked.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = [row[-1] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
    assert any("ix_premises_to_complete" in line for line in plan), plan
