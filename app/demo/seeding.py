"""Fill an empty database with an invented county and a few weeks of its work, through the product's own services."""

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from app.accounts import services as accounts
from app.accounts.models import Organisation, Person
from app.accounts.regions import Level, Region, new_region
from app.checklists.services import load_shipped_checklists
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import derived_id, new_id
from app.core.roles import Role
from app.core.settings import Settings
from app.core.storage import storage
from app.demo import closing, data, referrals, reporting, sampling, signals
from app.demo.closing import AGAIN
from app.demo.monthly import issue_last_month
from app.demo.pictures import draw_scene, draw_signature
from app.demo.telling import Step, tell
from app.inspections import queries, services
from app.inspections.models import Inspection, Receipt, Result
from app.inspections.progress import findings_with_photos
from app.notices import services as notices
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.models import Purpose, Source
from app.photos.rules import PhotoMeta
from app.premises.facts import Facts, LicenceFacts
from app.premises.models import Premises
from app.premises.services import register_premises

PLACE = UUID("00000000-0000-4000-8000-00000000da7a")  # namespace of the demo's ids
OPEN_VISIT = derived_id(PLACE, "open")
KNOWN_SINCE = timedelta(days=400)  # the register is older than the visits


def sign_in_hints() -> list[str]:
    """Lines to print at the start of a trial installation; none where the demo people do not exist."""
    found = db.session.scalars(select(Person.login).where(Person.login.in_([p.login for p in data.PEOPLE]))).all()
    if not found:
        return []
    words = {"administrator": "管理员", "supervisor": "监督员", "coordinator": "协管员", "informant": "信息员"}
    shown = {p.role: p.login for p in reversed(data.PEOPLE) if p.login in found and p.login != "guoqi"}
    return [
        f"sign in (demo password {data.PASSWORD}):",
        *[f"  {login:<10} {role} {words[role]}" for role, login in shown.items()],
    ]


def is_there() -> bool:
    """Whether the database holds places of the invented county."""
    places = [place_id(entry[0]) for entry in data.PREMISES]
    return db.session.scalar(select(Premises.id).where(Premises.id.in_(places)).limit(1)) is not None


def is_unfinished() -> bool:
    """Whether a start was killed while it made the demo, and nobody has worked in it since.

    The open visit is made last. What is not the demo's own, a person, a place or a visit, is somebody's work.
    """
    if db.session.get(Inspection, OPEN_VISIT) is not None or not sign_in_hints():
        return False
    people = db.session.scalars(select(Person.login)).all()
    places = db.session.scalars(select(Premises.id)).all()
    visits = db.session.scalars(select(Inspection.id)).all()
    return (
        {entry.login for entry in data.PEOPLE}.issuperset(people)
        and {place_id(entry[0]) for entry in data.PREMISES}.issuperset(places)
        and {AGAIN, *(_visit_id(entry[0]) for entry in data.HISTORY)}.issuperset(visits)
    )


def first_day(now: datetime) -> datetime:
    """When the invented county begins: its database is made then, before everything that is told of it."""
    return now - timedelta(days=1 + max(days_ago for _name, days_ago, *_rest in data.HISTORY))


def seed(app: Flask) -> None:
    """People and places, then what they did, in the order of its time; each step whole or not at all.

    What is there is not made again.
    """
    with app.app_context():
        settings: Settings = app.extensions["settings"]
        now = clock.now()
        with clock.freeze(first_day(now)), transaction():
            load_shipped_checklists(clock.now())
            if not sign_in_hints():
                regions = _regions()
                _people(regions, clock.local(now).date())
                _premises(regions, clock.local(now).date())
        people = {person.login: person for person in db.session.scalars(select(Person)).unique()}
        places = {name: db.session.get_one(Premises, place_id(name)) for name, *_rest in data.PREMISES}
        tell(
            [
                (first_day(now), partial(referrals.seed_addressees, people["admin"])),
                *_visits(places, people, settings, now),
                *closing.steps(people, settings, now),
                *referrals.steps(people, settings, now),
                *reporting.steps(people, places, now),
                *sampling.steps(people, now),
            ]
        )
        with clock.freeze(now - timedelta(minutes=26)):
            signals.find_signals(people["admin"])
            issue_last_month(people)
        open_visit = partial(_open_visit, places["青禾小饭馆"], people["xieguan"], settings)
        tell([(now - timedelta(minutes=25), open_visit)])


def _visits(
    places: dict[str, Premises], people: dict[str, Person], settings: Settings, now: datetime
) -> Iterator[Step]:
    for number, entry in enumerate(data.HISTORY):
        if db.session.get(Inspection, _visit_id(entry[0])) is None:
            begun = now - timedelta(days=entry[1], minutes=17 * number)
            yield begun, partial(_visit, number, entry, places, people, settings)


def place_id(name: str) -> UUID:
    return derived_id(PLACE, name)


def _visit_id(name: str) -> UUID:
    return derived_id(PLACE, "visit", name)


def _regions() -> dict[str, Region]:
    code, name_zh, name_en = data.COUNTY
    county = new_region(None, Level.COUNTY, code, name_zh, name_en)
    found = {code: county}
    for township_code, (zh, en, villages) in data.TOWNSHIPS.items():
        township = new_region(county, Level.TOWNSHIP, township_code, zh, en)
        found[township_code] = township
        for village_code, (village_zh, village_en) in villages.items():
            found[village_code] = new_region(township, Level.VILLAGE, village_code, village_zh, village_en)
    for region in found.values():
        db.session.add(region)
        db.session.flush()
    return found


def _people(regions: dict[str, Region], today: date) -> None:
    organisations: dict[str, Organisation] = {}
    for code, region in regions.items():
        names = data.ORGANISATIONS.get(code) or (f"{region.name_zh}村委会", f"{region.name_en} village", "村", "")
        organisations[code] = accounts.add_organisation(
            accounts.OrganisationFacts(
                name_zh=names[0],
                name_en=names[1],
                region=region,
                number_prefix=names[2],
                phone=names[3],
                objection_to="演示县疾病预防控制局 0999-1234567",
            ),
            by=None,
        )
    for entry in data.PEOPLE:
        until = today + timedelta(days=entry.certificate_days) if entry.certificate else None
        facts = accounts.PersonFacts(
            name=entry.name,
            organisation=organisations[entry.place],
            roles=[Role(entry.role)],
            certificate_number=entry.certificate,
            certificate_until=until,
        )
        accounts.add_person(facts, login=entry.login, password=data.PASSWORD, by=None, must_change=False)


def _premises(regions: dict[str, Region], today: date) -> None:
    for number, (name, kind, domains, code, address, person) in enumerate(data.PREMISES):
        until = today + timedelta(days=(number * 37) % 800 - 40)
        facts = Facts(
            name=f"{name}(演示)",
            kind=kind,
            domains=domains,
            region=regions[code],
            address=f"{regions[code].name_zh}{address}",
            latitude=28.40 + (number % 7) * 0.011 + (0.09 if code.startswith("990102") else 0),
            longitude=112.80 + (number % 5) * 0.013,
            person_in_charge=person,
            phone=f"0999-55{number:05d}",
            staff_certificates=number % 6 or None,
            staff_certificates_until=until if number % 6 else None,
            licences=(LicenceFacts("许可证(演示)", f"演示证{number:04d}", until),),
        )
        premises = register_premises(facts, None, premises_id=place_id(name))
        premises.created_at = clock.now() - KNOWN_SINCE


def _visit(
    number: int,
    entry: tuple[str, int, str, tuple[tuple[str, str], ...], bool],
    places: dict[str, Premises],
    people: dict[str, Person],
    settings: Settings,
) -> None:
    name, _days_ago, login, found, with_notice = entry
    premises, by, begun = places[name], people[login], clock.now()
    inspection = services.start_inspection(
        _visit_id(name),
        premises,
        by=by,
        start=services.Start(begun, 0, premises.latitude, premises.longitude, 12.0),
    )
    items = {item.code: item for item in queries.items_of(inspection).values()}
    services.sweep_rest(inspection, new_id(), by=by)
    for place, (code, note) in enumerate(found):
        with clock.freeze(begun + timedelta(minutes=4 + 3 * place)):
            _finding(inspection, items[code], note, by, 100 * number + place, settings)
    with clock.freeze(begun + timedelta(minutes=26)):
        _finish(inspection, number, by)
        if found and with_notice:
            _issue(inspection, by)


def _finding(inspection: Inspection, item: object, note: str, by: Person, seed_: int, settings: Settings) -> None:
    services.save_answer(inspection, item, Result.DOES_NOT, by=by)  # type: ignore[arg-type]
    services.save_note(inspection, item, note, by=by)  # type: ignore[arg-type]
    for turn in range(1 + seed_ % 2):
        picture = io.BytesIO(draw_scene(note, seed_ * 10 + turn, settings))
        received = receive_photo(picture, storage=storage(), limits=Limits.of(settings))
        meta = PhotoMeta(
            captured_at=clock.now(),
            clock_offset_ms=0,
            latitude=inspection.latitude,
            longitude=inspection.longitude,
            accuracy_m=9.0,
            purpose=Purpose.FINDING,
            source=Source.CAMERA,
        )
        meta = signals.said_of(note, meta)
        photo = record_photo(received, photo_id=derived_id(PLACE, note, str(turn)), by=by.id, meta=meta)
        services.attach_photo(inspection, photo, item, by=by)  # type: ignore[arg-type]


def _finish(inspection: Inspection, number: int, by: Person) -> None:
    refused = number % 6 == 5
    key = storage().put_stream(io.BytesIO(draw_signature(number))).key
    ending = services.Ending(
        conclusion="",
        receipt=Receipt.REFUSED if refused else Receipt.SIGNED,
        signer_name="" if refused else inspection.premises.person_in_charge,
        signature_key="" if refused else key,
        refusal_reason="负责人外出,店员不愿代签" if refused else "",
        witness="示范村干部甲" if refused else "",
    )
    services.finish_inspection(inspection, ending, by=by)


def _issue(inspection: Inspection, by: Person) -> None:
    wanted = tuple(finding.id for finding, _photos in findings_with_photos(inspection.id))
    wish = notices.Wish(inspection.id, "xuncha_advice", wanted)
    notices.issue_notice(derived_id(inspection.id, "notice"), wish, by=by, now=clock.now())


def _open_visit(premises: Premises, by: Person, settings: Settings) -> None:
    """Half done: one finding complete, one that still needs its photo and its words."""
    if db.session.get(Inspection, OPEN_VISIT) is not None:
        return
    inspection = services.start_inspection(OPEN_VISIT, premises, by=by)
    items = {item.code: item for item in queries.items_of(inspection).values()}
    for code in sorted(items)[:12]:
        result = Result.DOES_NOT if code == "CAT-09" else Result.CONFORMS
        services.save_answer(inspection, items[code], result, by=by)
    _finding(inspection, items["CAT-07"], "货架第二层 3 袋面包已过期", by, 901, settings)
