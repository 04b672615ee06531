"""The register's services and queries, on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.audit import AuditRecord
from app.core.database import db
from app.core.errors import Invalid, NotAllowed, NotFound, Refused
from app.core.roles import Role
from app.premises import bulk, queries, services
from app.premises.duplicates import likely_duplicates
from app.premises.facts import LicenceFacts, facts_of
from app.premises.models import Premises, SearchTerm, Status
from app.premises.queries import Cursor, Filters, page_of_premises
from tests.factories.people import County, make_county
from tests.factories.premises import make_premises, some_facts
from tests.fixtures.statements import statements

pytestmark = pytest.mark.both_databases


def names(filters: Filters, size: int = 30) -> list[str]:
    """All names of a list, gathered page by page."""
    gathered: list[str] = []
    after: Cursor | None = None
    while True:
        page = page_of_premises(filters, after, size)
        gathered += [premises.name for premises in page.premises]
        if page.next is None:
            return gathered
        after = Cursor.parse(str(page.next))
        assert after == page.next


def test_registering_writes_the_file_its_terms_and_the_audit_record(place: County) -> None:
    by = place.person(Role.INFORMANT)
    facts = some_facts(
        place.villages[0], "青禾小饭馆", licences=(LicenceFacts("食品经营许可证", "J1", date(2027, 1, 1)),)
    )
    premises = services.register_premises(facts, by)
    assert facts_of(premises) == replace(facts, domains=("catering", "fire"))
    assert premises.township_id == place.townships[0].id
    assert db.session.scalar(select(func.count()).select_from(SearchTerm)) > 10
    db.session.commit()
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.object_id == premises.id)).one()
    assert (record.action, record.person_id, record.after["name"]) == (
        "premises_registered",
        by.id,
        "青禾小饭馆",
    )


def test_nobody_registers_outside_their_area(place: County) -> None:
    with pytest.raises(NotAllowed):
        services.register_premises(some_facts(place.villages[2]), place.person(Role.COORDINATOR))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "()"}, "name"),
        ({"name": "长" * 101}, "name"),
        ({"kind": "moon_base"}, "kind"),
        ({"domains": ()}, "domains"),
        ({"domains": ("magic",)}, "domains"),
        ({"latitude": 24.0}, "longitude"),
        ({"latitude": 99.0, "longitude": 0.0}, "latitude"),
        ({"phone": "没有"}, "phone"),
        ({"credit_code": "123"}, "credit_code"),
        ({"notes": "长" * 10_000}, "notes"),
        ({"staff_certificates": -1}, "staff_certificates"),
    ],
)
def test_what_cannot_be_true_is_not_registered(place: County, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.register_premises(some_facts(place.villages[0], **changes), None)
    assert refused.value.field == field


def test_a_change_is_found_under_the_new_name_only(place: County) -> None:
    premises = make_premises(place.villages[0], "旧名饭店")
    services.change_premises(
        premises, replace(facts_of(premises), name="新名酒家"), place.person(Role.COORDINATOR)
    )
    assert names(Filters(place.region, "旧名")) == []
    assert names(Filters(place.region, "xmjj")) == ["新名酒家"]
    db.session.commit()
    record = db.session.scalars(select(AuditRecord).where(AuditRecord.action == "premises_changed")).one()
    assert (record.before, record.after) == ({"name": "旧名饭店"}, {"name": "新名酒家"})


def test_a_licence_that_stays_keeps_its_row(place: County) -> None:
    kept, gone = LicenceFacts("许可证", "1"), LicenceFacts("备案", "2")
    premises = make_premises(place.villages[0], licences=(kept, gone))
    before = {row.number: row.id for row in premises.licences}
    renewed = replace(facts_of(premises), licences=(replace(kept, until=date(2030, 1, 1)),))
    services.change_premises(premises, renewed, place.person(Role.COORDINATOR))
    db.session.flush()
    db.session.expire(premises)
    assert [(row.id, row.until) for row in premises.licences] == [(before["1"], date(2030, 1, 1))]


def test_everyone_finds_their_own_area_only(place: County) -> None:
    elsewhere = make_county("邻县", "990200")
    for index, village in enumerate((*place.villages, elsewhere.villages[0])):
        make_premises(village, f"同名饭馆{index}")
    by_region = {
        region.code: names(Filters(region, query))
        for region in (place.region, place.townships[0], place.villages[0])
        for query in ("同名",)
    }
    assert by_region[place.region.code] == [f"同名饭馆{index}" for index in range(4)]
    assert by_region[place.townships[0].code] == ["同名饭馆0", "同名饭馆1"]
    assert by_region[place.villages[0].code] == ["同名饭馆0"]
    assert names(Filters(place.villages[0])) == ["同名饭馆0"]
    assert names(Filters(place.townships[1], domain="fire")) == ["同名饭馆2", "同名饭馆3"]


def test_pages_neither_repeat_nor_lose_a_premises(place: County) -> None:
    for index in range(23):
        make_premises(place.villages[index % 4], f"面馆面馆{index % 7}", address=f"面馆路{index}号")
    for filters in (
        Filters(place.region),
        Filters(place.region, "面馆"),
        Filters(place.region, "mg"),
        Filters(place.region, "面馆 路"),
        Filters(place.region, domain="catering"),
        Filters(place.region, kind="small_eatery"),
    ):
        assert sorted(names(filters, 5)) == sorted(f"面馆面馆{index % 7}" for index in range(23)), filters


def test_names_stand_before_addresses_in_the_results(place: County) -> None:
    make_premises(place.villages[0], "丙店", address="青禾路1号")
    make_premises(place.villages[0], "乙青禾店")
    make_premises(place.villages[0], "青禾店")
    assert names(Filters(place.region, "青禾")) == ["青禾店", "乙青禾店", "丙店"]


def test_filters_together(place: County) -> None:
    make_premises(place.villages[0], "甲诊所", kind="clinic", domains=("clinics", "fire"))
    make_premises(place.villages[0], "乙诊所", kind="clinic", domains=("clinics",), status=Status.CLOSED)
    make_premises(place.villages[1], "丙饭馆")
    assert names(Filters(place.region, kind="clinic")) == ["乙诊所", "甲诊所"]
    assert names(Filters(place.region, kind="clinic", domain="fire")) == ["甲诊所"]
    assert names(Filters(place.region, status=Status.CLOSED)) == ["乙诊所"]
    assert names(Filters(place.region, status=Status.OPEN, domain="clinics")) == ["甲诊所"]
    assert names(Filters(place.region, "诊所", status=Status.OPEN)) == ["甲诊所"]
    assert names(Filters(place.region, "()")) == []


def test_the_nearest_come_first(place: County) -> None:
    for index in range(9):
        make_premises(place.villages[index % 4], f"近{index}", latitude=24.0 + index * 0.004, longitude=108.0)
    make_premises(place.villages[0], "没有位置")
    make_premises(place.villages[0], "太远", latitude=30.0, longitude=108.0)
    here = Filters(place.region, near=(24.0, 108.0))
    assert names(here, 4) == [f"近{index}" for index in range(9)]
    assert names(replace(here, region=place.villages[1]), 4) == ["近1", "近5"]
    assert names(replace(here, domain="fire"), 4) == [f"近{index}" for index in range(9)]
    assert names(replace(here, domain="fire", region=place.villages[1]), 4) == ["近1", "近5"]
    assert names(replace(here, domain="clinics")) == []


def test_likely_duplicates_say_why(place: County) -> None:
    region = place.villages[0]
    make_premises(region, "青禾小饭馆(演示)", phone="138 0000 0000")
    make_premises(place.villages[2], "松岭水厂", phone="0771-1234567")
    make_premises(region, "河口客栈", latitude=24.0, longitude=108.0)
    make_premises(region, "长乐旅馆", credit_code="91350100M000100Y43")

    def reasons(name: str, **changes: object) -> list[tuple[str, ...]]:
        return [
            one.reasons
            for one in likely_duplicates(some_facts(region, name, **changes), place.region)
        ]

    assert reasons("青禾小饭馆 演示") == [("name",)]
    assert reasons("青禾饭馆", phone="13800000000") == [("phone",)]
    assert reasons("水站", phone="07711234567") == [("phone",)]
    assert reasons("河口客栈2", latitude=24.0005, longitude=108.0) == [("name", "position")]
    assert reasons("别的名字", latitude=24.0005, longitude=108.0) == []
    assert reasons("别名", credit_code="91350100M000100Y43") == [("credit_code",)]
    assert reasons("毫不相干") == []
    only_mine = likely_duplicates(some_facts(region, phone="07711234567"), place.townships[0])
    assert only_mine == [], "the neighbour's files are not shown"


def test_merging_keeps_what_only_the_other_knew_and_both_door_codes(place: County) -> None:
    by = place.person(Role.COORDINATOR)
    kept = make_premises(place.villages[0], "青禾小饭馆", phone="13800000000")
    other = make_premises(
        place.villages[0], "青禾饭馆", domains=("catering", "water"), address="河口1号", phone="13911111111",
        licences=(LicenceFacts("许可证", "1"),),
    )  # fmt: skip
    moved: list[tuple[str, str]] = []
    services.on_merge.append(lambda one, two: moved.append((one.name, two.name)))
    try:
        services.merge_premises(kept, other, by)
    finally:
        services.on_merge.pop()
    db.session.commit()
    assert moved == [("青禾小饭馆", "青禾饭馆")]
    assert (kept.address, kept.phone, set(kept.domains)) == (
        "河口1号",
        "13800000000",
        {"catering", "fire", "water"},
    )
    assert [licence.number for licence in kept.licences] == ["1"]
    assert names(Filters(place.region)) == ["青禾小饭馆"]
    assert names(Filters(place.region, "青禾饭馆")) == []
    assert names(Filters(place.region, domain="water")) == ["青禾小饭馆"]
    assert queries.premises_behind(other.door_token, by.region).id == kept.id
    with pytest.raises(Refused):
        services.merge_premises(kept, other, by)
    with pytest.raises(Refused):
        services.change_premises(other, facts_of(kept), by)


def test_a_chain_of_merges_leads_to_the_last_file(place: County) -> None:
    by = place.person(Role.SUPERVISOR)
    first, second, third = (make_premises(place.villages[index], f"店{index}") for index in range(3))
    services.merge_premises(second, first, by)
    services.merge_premises(third, second, by)
    db.session.commit()
    db.session.expire_all()
    assert queries.premises_behind(first.door_token, place.region).id == third.id


def test_other_peoples_files_and_wrong_codes_do_not_exist(place: County) -> None:
    theirs = make_premises(place.villages[2])
    for action in (
        lambda: queries.premises_for(theirs.id, place.townships[0]),
        lambda: queries.premises_behind(theirs.door_token, place.townships[0]),
        lambda: queries.premises_behind("x" * 22, place.region),
    ):
        with pytest.raises(NotFound):
            action()


def test_many_at_once_are_as_findable_as_one_by_one(place: County) -> None:
    entries = [
        (premises_id, some_facts(place.villages[0], f"批量{index}号"))
        for index, premises_id in enumerate(
            [row.id for row in (make_premises(place.villages[1], f"样{n}") for n in range(3))]
        )
    ]
    fresh = [(services.new_id(), facts) for _id, facts in entries]
    by = place.person(Role.COORDINATOR)
    for _twice in range(2):  # an id that is there already stays as it is
        bulk.register_prepared(bulk.prepare_many(fresh, by), by)
    assert names(Filters(place.region, "plj")) == []
    assert names(Filters(place.region, "pl")) == ["批量0号", "批量1号", "批量2号"]


@pytest.mark.parametrize("query", ["", "饭馆", "fg 河", "138"])
def test_a_list_takes_the_same_number_of_queries_however_long(context: Flask, place: County, query: str) -> None:
    counts = []
    for size in (2, 20):
        for _ in range(size):
            make_premises(place.villages[0], "饭馆某某", address="河口", phone="13800000000")
        db.session.commit()
        db.session.expire_all()
        with statements(context) as seen:
            page = page_of_premises(Filters(place.region, query))
            assert [(row.domains, row.region.name_zh) for row in page.premises]
        counts.append(len([one for one in seen if "SELECT" in one]))
    assert counts[0] == counts[1] <= 4


def test_terms_go_with_their_premises(place: County) -> None:
    premises = make_premises(place.villages[0])
    db.session.delete(db.session.get_one(Premises, premises.id))
    db.session.flush()
    assert db.session.scalar(select(func.count()).select_from(SearchTerm)) == 0
