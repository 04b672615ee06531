"""The place has closed or changed hands, or nobody takes the paper: each has its path."""

import pytest

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.errors import Invalid
from app.core.ids import new_id
from app.core.roles import Role
from app.notices import turning
from app.notices.delivery import Handing, record_delivery
from app.notices.models import DeliveryMethod, Notice
from app.notices.progress import Event, Stage, Step
from app.premises.models import Premises
from app.premises.models import Status as PlaceStatus
from app.replies import desk_ending
from app.replies.desk_ending import Happened, Report
from tests.fixtures.signing_in import SignIn
from tests.replies.staff import point_of, points_of, replied


def end(notice: Notice, person: Person, report: Report) -> object:
    with transaction():
        return desk_ending.record(notice, report, by=person, now=clock.now())


@pytest.mark.both_databases
def test_a_closed_place_ends_its_points_once_with_the_reason(notice: Notice, person: Person) -> None:
    replied(notice, "CAT-10")
    report = Report(new_id(), Happened.CLOSED, "已停业,招牌已拆")
    for _ in range(2):
        end(notice, person, report)
    db.session.refresh(notice)
    assert notice.stage is Stage.CLOSED
    ended = [turn for turn in turning.turns_of(notice.id) if turn.event is Event.ENDED]
    assert len(ended) == len(points_of(notice))
    assert {turn.reason for turn in ended} == {"已停业,招牌已拆"}
    assert db.session.get_one(Premises, notice.premises_id).status is PlaceStatus.CLOSED


def test_a_new_operator_gets_the_open_points_by_a_new_notice(notice: Notice, person: Person) -> None:
    replied(notice, "CAT-10")
    report = Report(new_id(), Happened.CHANGED_HANDS, "已转让", "新老板(演示)", ends_points=False)
    assert end(notice, person, report) == [point.finding_id for point in points_of(notice)]
    assert point_of(notice, "CAT-10").step is Step.ANSWERED
    assert db.session.get_one(Premises, notice.premises_id).person_in_charge == "新老板(演示)"
    with pytest.raises(Invalid):
        end(notice, person, Report(new_id(), Happened.CHANGED_HANDS, "已转让"))
    with pytest.raises(Invalid):
        end(notice, person, Report(new_id(), Happened.CLOSED, " "))


def test_a_delivery_tried_in_vain_is_no_delivery(notice: Notice, person: Person) -> None:
    for _ in range(2):
        with transaction():
            record_delivery(new_id(), notice, Handing(DeliveryMethod.TRIED, reason="关门"), by=person, now=clock.now())
    assert (notice.stage, notice.tries, notice.handed_over) == (Stage.ISSUED, 2, [])
    replied(notice, "CAT-10")
    with transaction():
        left = Handing(DeliveryMethod.LEFT, reason="交村委会转交", witness="某干部")
        record_delivery(new_id(), notice, left, by=person, now=clock.now())
    assert len(notice.handed_over) == 1


def test_each_path_is_two_taps_from_the_notice(notice: Notice, person: Person, sign_in: SignIn) -> None:
    """Open the fold, press the button: the words stand there already."""
    client, path = sign_in(Role.COORDINATOR), f"/notices/{notice.id}"
    form = {"method": "tried", "reason": "关门,没有人", "change_id": str(new_id())}
    assert client.submit(f"{path}/deliveries", form, page=path).status_code == 303
    page = client.page(path)
    assert "已经 1 次没有送到" in page.text
    assert "由村（居）委会转交" in page.text
    carry = {"happened": "changed_hands", "person_in_charge": "新老板(演示)", "reason": "已转让", "then": "carry"}
    answer = client.submit(f"{path}/ended", carry, page=path)
    assert answer.status_code == 303
    assert f"replaces={notice.id}" in answer.headers["Location"]
    assert "新老板" not in client.page(answer.headers["Location"]).text  # the paper names him once it is made
    closed = {"happened": "closed", "reason": "已停业"}
    assert client.submit(f"{path}/ended", closed, page=path).status_code == 303
    assert "✓ 已办结" in client.page(path).text


def test_what_is_missing_is_said_on_the_same_page(notice: Notice, sign_in: SignIn) -> None:
    client, path = sign_in(Role.COORDINATOR), f"/notices/{notice.id}"
    answer = client.submit(f"{path}/ended", {"happened": "closed", "reason": " "}, page=path)
    assert answer.status_code == 422
    assert "业主可能会看到" in answer.get_data(as_text=True)
