"""On a Chinese page nothing speaks in the program's own words: no value of an enum stands there as it is stored."""

import enum
import re

import pytest

from app.accounts.models import Level
from app.core.roles import Role
from app.inspections.models import Outcome, Receipt, Result, Review, Status
from app.notices.models import DeliveryMethod
from app.notices.models import Status as NoticeStatus
from app.photos.models import Purpose, Source
from tests.fixtures.pages import parse
from tests.fixtures.signing_in import SignIn
from tests.oversight.factory import Log

ENUMS: tuple[type[enum.StrEnum], ...] = (
    *(Level, Role, Outcome, Receipt, Result, Review, Status, DeliveryMethod, NoticeStatus, Purpose, Source),
)
RAW = {member.value for kind in ENUMS for member in kind} | {"catering", "water", "clinics", "fire", "schools"}
WORDS = re.compile(r"[A-Za-z_]{3,}")
SPOKEN = re.compile(r"""(?:alt|aria-label|title|placeholder)="([^"]*)\"""")


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.ADMINISTRATOR, Role.COORDINATOR, Role.INFORMANT])
def test_start_page(log: Log, sign_in: SignIn, role: Role) -> None:
    _check(sign_in(role).get("/").get_data(as_text=True))


@pytest.mark.parametrize("choice", ["", "?select=1", "?domain=catering", "?review=reviewed", "?severity=A&notice=yes"])
def test_photo_log(log: Log, sign_in: SignIn, choice: str) -> None:
    _check(sign_in(Role.SUPERVISOR).get(f"/photo-log{choice}").get_data(as_text=True))


def test_one_photo(log: Log, sign_in: SignIn) -> None:
    client = sign_in(Role.SUPERVISOR)
    address = f"/photo-log/{log.north[0]}"
    _check(client.get(address).get_data(as_text=True))
    client.submit(f"{address}/review", {"decision": "sent_back", "remark": "看不清"}, page=address)
    _check(client.get(address).get_data(as_text=True))


def _check(html: str) -> None:
    said = " ".join([parse(html).text, *SPOKEN.findall(html)])
    assert "青禾小饭馆" in said or "今天" in said
    assert not set(WORDS.findall(said)) & RAW
