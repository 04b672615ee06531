"""Numbers without gaps, notices frozen as issued, nothing twice; on both databases where locks decide."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Organisation, Person
from app.checklists.models import ChecklistItem
from app.core import clock
from app.core.audit import AuditRecord
from app.core.database import db, transaction
from app.core.errors import AlreadyClosed, Invalid, NotAllowed, Refused
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Inspection, InspectionPhoto
from app.notices import numbers, rules, services
from app.notices.delivery import Handing, record_delivery
from app.notices.models import DeliveryMethod, Notice, NumberSeries, Status
from app.notices.services import Wish
from app.premises.models import Premises
from tests.factories.people import County, expired, make_person
from tests.notices.conftest import Scene
from tests.notices.factory import finding_ids, make_premises, make_visit, set_due, wish

THREADS = 20


def issue(by: Person, visit_id: UUID, **changes: object) -> Notice:
    visit = db.session.get_one(Inspection, visit_id)
    return services.issue_notice(new_id(), wish(visit, **changes), by=by, now=clock.now())


def in_threads(app: Flask, work: object, arguments: list[object]) -> list[object]:
    """Run `work(argument)` for every argument at once, each in its own context and transaction."""

    def run(argument: object) -> object:
        with app.app_context():
            try:
                with transaction():
                    return work(argument)  # type: ignore[operator]
            except Exception as error:
                return error

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, arguments))


def test_twenty_at_once_get_twenty_numbers_without_gap(app: Flask, county: County, database_url: str) -> None:
    by_id = county.person(Role.COORDINATOR).id
    with app.app_context():
        by = db.session.get_one(Person, by_id)
        premises = make_premises(county.villages[0])
        visits = [make_visit(by, premises, ("CAT-10",), photos=0).id for _ in range(THREADS)]
        db.session.commit()

    def work(visit_id: object) -> str:
        return issue(db.session.get_one(Person, by_id), visit_id).number  # type: ignore[arg-type]

    numbers = in_threads(app, work, list(visits))
    year = clock.local(clock.now()).year
    assert sorted(map(str, numbers)) == [f"北卫协建〔{year}〕{n:04d}号" for n in range(1, THREADS + 1)]
    with app.app_context():
        assert db.session.scalars(select(NumberSeries.last)).all() == [THREADS]


def test_a_failed_issue_gives_its_number_back(
    app: Flask, scene: Scene, county: County, database_url: str
) -> None:
    by_id = county.person(Role.COORDINATOR).id

    def fail(_: object) -> None:
        issue(db.session.get_one(Person, by_id), scene.visit_id)
        raise RuntimeError

    assert all(isinstance(result, RuntimeError) for result in in_threads(app, fail, [0, 1, 2]))
    with app.app_context(), transaction():
        assert issue(db.session.get_one(Person, by_id), scene.visit_id).sequence == 1


def test_the_same_id_at_once_makes_one_notice(
    app: Flask, scene: Scene, county: County, database_url: str
) -> None:
    by_id, notice_id = county.person(Role.COORDINATOR).id, new_id()
    asked = Wish(scene.visit_id, "xuncha_advice", scene.finding_ids)

    def work(_: object) -> str:
        by = db.session.get_one(Person, by_id)
        return services.issue_notice(notice_id, asked, by=by, now=clock.now()).number

    numbers = in_threads(app, work, list(range(THREADS)))
    assert len(set(map(str, numbers))) == 1
    with app.app_context():
        assert [notice.id for notice in db.session.scalars(select(Notice))] == [notice_id]
        assert db.session.scalars(select(NumberSeries.last)).all() == [1]


def test_two_notices_at_once_do_not_share_a_finding(
    app: Flask, scene: Scene, county: County, database_url: str
) -> None:
    by_id = county.person(Role.COORDINATOR).id

    def work(_: object) -> str:
        return issue(db.session.get_one(Person, by_id), scene.visit_id).number

    results = in_threads(app, work, list(range(6)))
    assert sum(isinstance(result, str) for result in results) == 1
    assert sum(isinstance(result, Refused) for result in results) == 5


def test_series_run_apart_by_body_kind_and_year(person: Person, county: County) -> None:
    year = clock.local(clock.now()).year
    assert numbers.next_number(person.organisation_id, "xuncha_advice", year) == 1
    assert numbers.next_number(person.organisation_id, "xuncha_advice", year) == 2
    assert numbers.next_number(person.organisation_id, "fire_advice", year) == 1
    assert numbers.next_number(person.organisation_id, "xuncha_advice", year + 1) == 1
    assert numbers.next_number(county.agency.id, "xuncha_advice", year) == 1


def test_what_was_issued_never_changes(person: Person, scene: Scene) -> None:
    notice = issue(person, scene.visit_id)
    frozen, digest = rules.canonical(notice.content), notice.digest
    for item in db.session.scalars(select(ChecklistItem)):
        item.title_zh = item.advice_zh = item.basis_zh = "改过"
    db.session.get_one(Premises, scene.premises_id).name = "改名"
    db.session.get_one(Organisation, person.organisation_id).name_zh = "改名卫生院"
    db.session.flush()
    db.session.expire(notice)
    assert rules.canonical(notice.content) == frozen
    assert rules.digest(notice.content) == digest
    assert notice.content["premises"]["name"] == "青禾小饭馆(演示)"
    assert notice.content["issuer"]["name"]["zh"] == "北山镇卫生院"


@pytest.mark.usefixtures("a_monday")
def test_content_carries_everything_of_that_day(person: Person, scene: Scene) -> None:
    notice = issue(person, scene.visit_id)
    said = notice.content
    assert [finding["place"] for finding in said["findings"]] == [1, 2, 3]
    for finding in said["findings"]:
        for text in ("title", "fact", "basis", "advice", "outcome_text"):
            assert finding[text]["zh"], (finding["code"], text)
            assert finding[text]["en"], (finding["code"], text)
        assert len(finding["photos"]) == 1
        assert len(finding["photos"][0]["sha256"]) == 64
    assert said["number"] == notice.number
    assert said["visit"]["people"] == [{"name": person.name, "certificate": person.certificate_number}]
    assert said["due_on"] == notice.due_on.isoformat()  # type: ignore[union-attr]
    assert "罚则" not in str(said), "an advisory paper names no penalty clause"
    assert "消防救援大队" in str([finding["outcome_text"] for finding in said["findings"]])


def test_photos_are_marked_while_their_notice_is_in_force(person: Person, scene: Scene) -> None:
    def marked() -> set[bool]:
        return set(db.session.scalars(select(InspectionPhoto.on_notice)))

    notice = issue(person, scene.visit_id)
    assert marked() == {True}
    services.withdraw_notice(notice, "写错了", by=person, now=clock.now())
    assert marked() == {False}


def test_an_open_visit_has_no_notice(person: Person, county: County) -> None:
    visit = make_visit(person, make_premises(county.villages[0]), finished=False)
    with pytest.raises(Refused):
        issue(person, visit.id)


def test_expired_certificate_cannot_issue_a_notice(person: Person, scene: Scene) -> None:
    expired(person)
    with pytest.raises(NotAllowed, match="expired"):
        issue(person, scene.visit_id)
    person.certificate_number = ""
    with pytest.raises(NotAllowed, match="No certificate"):
        issue(person, scene.visit_id)


def test_a_coordinator_drafts_an_opinion_that_the_supervisor_issues(
    person: Person, scene: Scene, county: County
) -> None:
    visit = db.session.get_one(Inspection, scene.visit_id)
    hygiene = [f.id for f in visit.findings if f.answer.item.code.startswith("CAT")]
    asked = wish(visit, "health_opinion", finding_ids=hygiene)
    with pytest.raises(NotAllowed):
        services.issue_notice(new_id(), asked, by=person, now=clock.now())
    draft = services.draft_notice(new_id(), asked, by=person, now=clock.now())
    assert (draft.status, draft.number, draft.digest) == (Status.DRAFT, "", "")
    supervisor = db.session.get_one(Person, county.person(Role.SUPERVISOR).id)
    issued = services.issue_draft(draft, by=supervisor, now=clock.now())
    assert issued.id == draft.id
    assert issued.number == f"{clock.local(clock.now()).year}-0001"
    assert issued.content["issuer"]["name"]["zh"] == supervisor.organisation.name_zh
    assert issued.organisation_id == supervisor.organisation_id


def test_a_fire_notice_takes_fire_findings_only(person: Person, scene: Scene) -> None:
    with pytest.raises(Invalid):
        issue(person, scene.visit_id, kind="fire_advice")
    visit = db.session.get_one(Inspection, scene.visit_id)
    fire = [f.id for f in visit.findings if f.answer.item.code.startswith("FIR")]
    assert "消建" in issue(person, scene.visit_id, kind="fire_advice", finding_ids=fire).number


def test_a_colleague_who_was_not_there_makes_no_notice(person: Person, scene: Scene, county: County) -> None:
    with pytest.raises(NotAllowed):
        issue(db.session.get_one(Person, county.neighbour.id), scene.visit_id)


def test_a_deadline_before_the_visit_is_refused(person: Person, scene: Scene) -> None:
    visit = db.session.get_one(Inspection, scene.visit_id)
    set_due(visit, clock.today() - timedelta(days=1))
    with pytest.raises(Invalid, match="before the visit"):
        issue(person, scene.visit_id)


@pytest.mark.parametrize("ids", [[], ["other"]])
def test_a_notice_needs_findings_of_its_visit(
    person: Person, scene: Scene, county: County, ids: list[str]
) -> None:
    chosen = (
        finding_ids(make_visit(person, make_premises(county.villages[0], "别家"), ("CAT-10",))) if ids else []
    )
    asked = Wish(scene.visit_id, "xuncha_advice", chosen)
    with pytest.raises(Invalid):
        services.issue_notice(new_id(), asked, by=person, now=clock.now())


def test_withdrawn_notices_keep_their_number_and_point_to_the_next(person: Person, scene: Scene) -> None:
    first = issue(person, scene.visit_id)
    with pytest.raises(Invalid):
        services.withdraw_notice(first, "  ", by=person, now=clock.now())
    services.withdraw_notice(first, "地址写错", by=person, now=clock.now())
    with pytest.raises(AlreadyClosed):
        services.withdraw_notice(first, "再来", by=person, now=clock.now())
    second = issue(person, scene.visit_id)
    assert (first.sequence, second.sequence) == (1, 2)
    assert second.replaces_id == first.id
    assert second.content["replaces"]["number"] == first.number


def test_replacing_withdraws_the_old_one_in_the_same_step(person: Person, scene: Scene) -> None:
    first = issue(person, scene.visit_id)
    with pytest.raises(Refused, match="already stands"):
        issue(person, scene.visit_id)
    second = issue(person, scene.visit_id, replaces_id=first.id, reason="日期写错")
    assert first.status is Status.WITHDRAWN
    assert first.withdrawn_reason == "日期写错"
    assert second.replaces_id == first.id
    with pytest.raises(Refused, match="already"):
        issue(person, scene.visit_id, replaces_id=first.id, reason="又错", finding_ids=scene.finding_ids)


def test_a_discarded_draft_leaves_no_trace_but_the_audit(person: Person, scene: Scene) -> None:
    visit = db.session.get_one(Inspection, scene.visit_id)
    draft = services.draft_notice(new_id(), wish(visit), by=person, now=clock.now())
    services.discard_draft(draft, by=person)
    assert db.session.scalars(select(Notice)).all() == []
    db.session.commit()
    actions = db.session.scalars(select(AuditRecord.action)).all()
    assert {"notice_drafted", "notice_draft_discarded"} <= set(actions)


@pytest.mark.parametrize(
    "handing",
    [
        Handing(DeliveryMethod.SIGNED, receiver="某老板"),
        Handing(DeliveryMethod.SIGNED, signature_key="originals/aa"),
        Handing(DeliveryMethod.REFUSED, reason="不愿意"),
        Handing(DeliveryMethod.REFUSED, witness="村委"),
        Handing(DeliveryMethod.LEFT, reason="柜台"),
        Handing(DeliveryMethod.SENT, reason="微信"),
    ],
)
def test_a_delivery_needs_what_its_way_needs(person: Person, scene: Scene, handing: Handing) -> None:
    notice = issue(person, scene.visit_id)
    with pytest.raises(Invalid):
        record_delivery(new_id(), notice, handing, by=person, now=clock.now())


def test_the_same_delivery_twice_is_one_record(person: Person, scene: Scene) -> None:
    notice, delivery_id = issue(person, scene.visit_id), new_id()
    handing = Handing(DeliveryMethod.REFUSED, reason="老板不在", witness="村委某某")
    for _ in range(2):
        record_delivery(delivery_id, notice, handing, by=person, now=clock.now())
    assert [row.id for row in notice.deliveries] == [delivery_id]
    services.withdraw_notice(notice, "错", by=person, now=clock.now())
    with pytest.raises(AlreadyClosed):
        record_delivery(new_id(), notice, handing, by=person, now=clock.now())


def test_openings_are_counted_and_receipt_is_noted_once(person: Person, scene: Scene) -> None:
    notice = issue(person, scene.visit_id)
    start = clock.now()
    for minute in range(3):
        services.note_opening(notice.id, start + timedelta(minutes=minute))
    db.session.refresh(notice)
    assert (notice.openings, notice.first_opened_at) == (3, start)
    assert notice.last_opened_at == start + timedelta(minutes=2)
    services.acknowledge(notice, start)
    services.acknowledge(notice, start + timedelta(days=1))
    assert notice.acknowledged_at == start


def test_an_id_that_belongs_to_another_visit_is_refused(person: Person, scene: Scene) -> None:
    other = make_visit(person, db.session.get_one(Premises, scene.premises_id), ("CAT-10",), photos=0)
    opinion = {"kind": "health_opinion"}
    draft = services.draft_notice(new_id(), wish(other, **opinion), by=person, now=clock.now())
    visit = db.session.get_one(Inspection, scene.visit_id)
    for act in (services.issue_notice, services.draft_notice):
        with pytest.raises(Refused):
            act(draft.id, wish(visit), by=person, now=clock.now())


def test_only_people_on_the_visit_or_a_supervisor_throw_a_draft_away(
    person: Person, scene: Scene, county: County
) -> None:
    visit = make_visit(person, db.session.get_one(Premises, scene.premises_id), ("CAT-10",), photos=0)
    draft = services.draft_notice(new_id(), wish(visit, kind="health_opinion"), by=person, now=clock.now())
    with pytest.raises(NotAllowed):
        services.discard_draft(draft, by=make_person(Role.COORDINATOR, person.organisation))
    services.discard_draft(draft, by=db.session.merge(county.person(Role.SUPERVISOR)))


def test_a_delivery_id_of_another_notice_is_refused(person: Person, scene: Scene) -> None:
    first = issue(person, scene.visit_id)
    other = make_visit(person, db.session.get_one(Premises, scene.premises_id), ("CAT-10",), photos=0)
    second, left = issue(person, other.id), Handing(DeliveryMethod.LEFT, reason="门口", witness="某某")
    delivery = record_delivery(new_id(), first, left, by=person, now=clock.now())
    with pytest.raises(Refused):
        record_delivery(delivery.id, second, left, by=person, now=clock.now())
