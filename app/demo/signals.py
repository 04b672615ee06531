"""Invented signals: one photo that says it was taken elsewhere, one that calls itself a picture of a screen."""

from dataclasses import replace
from typing import Any

from app.accounts.county import set_option
from app.accounts.models import Person
from app.core import clock
from app.core.database import transaction
from app.photos.rules import PhotoMeta
from app.signals import running
from app.signals.options import Mode
from app.signals.rules import Kind

ON_TRIAL = {Kind.SECONDS, Kind.NO_POSITION, Kind.PATTERN}  # the demo county has left the trial but for these
# by the note of the finding: what its photo says of itself
_SAID: dict[str, dict[str, Any]] = {
    "保洁柜门关不严": {"latitude": 28.47},
    "一具灭火器压力不在绿区": {"original_name": "Screenshot_演示.jpg"},
}


def said_of(note: str, meta: PhotoMeta) -> PhotoMeta:
    """The photo's own words, other than usual for two findings."""
    return replace(meta, **_SAID.get(note, {}))


def find_signals(administrator: Person) -> None:
    """Show most kinds and look at everything once; again, nothing is left to do."""
    county_id = administrator.organisation.county_id
    with transaction():
        for kind in Kind:
            if kind not in ON_TRIAL:
                set_option(county_id, f"signals.{kind}", Mode.SHOWN.value, by=administrator, now=clock.now())
    running.run()
