"""The register inside an application context, on both databases where a test asks for it."""


import pytest
from flask import Flask

from app.core.database import db
from tests.factories.people import County, make_county


@pytest.fixture
def place(context: Flask) -> County:
    """An invented county inside the application's context."""
    county = make_county()
    db.session.commit()
    return county
