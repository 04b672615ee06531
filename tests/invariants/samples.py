"""One row for every URL parameter, so that the matrix can try each route on real rows of any place.

Whoever adds a route with a new parameter adds its maker here: parameter name → a function that makes a row in the
given county's second township (inside an application context) and gives what stands in the URL.
"""

from collections.abc import Callable
from typing import Any

from tests.factories.people import County
from tests.factories.premises import make_import, make_premises

SAMPLES: dict[str, Callable[[County], Any]] = {
    "person_id": lambda county: county.neighbour.id,
    "organisation_id": lambda county: county.hospitals[1].id,
    "region_id": lambda county: county.townships[1].id,
    "parent_id": lambda county: county.townships[1].id,
    "premises_id": lambda county: make_premises(county.townships[1]).id,
    "batch_id": lambda county: make_import(county.neighbour).id,
}
# public by design: whoever holds the token may look
HELD_BY_TOKEN = {"token", "code"}
