"""Visits of the demo county made through the services, so that a story can begin in the middle."""

import io
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from app.accounts.models import Person
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.settings import Settings
from app.core.storage import storage
from app.demo.pictures import draw_scene, draw_signature
from app.inspections import queries, services
from app.inspections.models import Receipt, Result
from app.inspections.progress import findings_with_photos
from app.notices import services as notices
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.rules import PhotoMeta
from app.premises.models import Premises


def begin_visit(
    app: Flask,
    place: str,
    *,
    login: str = "xieguan",
    findings: tuple[tuple[str, str], ...] = (),
    done: bool = False,
) -> UUID:
    """An open visit of `place` with complete findings (code, note), each with a photo; `done`: the rest conforms."""
    with app.app_context():
        by = db.session.scalars(select(Person).where(Person.login == login)).unique().one()
        premises = db.session.scalars(select(Premises).where(Premises.name == place)).one()
        with transaction():
            visit = services.start_inspection(new_id(), premises, by=by, fellows=_fellows())
            items = {item.code: item for item in queries.items_of(visit).values()}
            for code, note in findings:
                services.save_answer(visit, items[code], Result.DOES_NOT, by=by)
                services.save_note(visit, items[code], note, by=by)
        for turn, (code, note) in enumerate(findings):
            picture = io.BytesIO(draw_scene(note[:18], 7 + turn, _settings(app)))
            received = receive_photo(picture, storage=storage(), limits=Limits.of(_settings(app)))
            with transaction():
                photo = record_photo(received, photo_id=new_id(), by=by.id, meta=PhotoMeta())
                services.attach_photo(visit, photo, items[code], by=by)
        if done:
            with transaction():
                services.sweep_rest(visit, new_id(), by=by)
        return visit.id


def finish_visit(app: Flask, visit_id: UUID) -> None:
    """Signed by the person in charge."""
    with app.app_context():
        visit = db.session.get_one(services.Inspection, visit_id)
        key = storage().put_stream(io.BytesIO(draw_signature(3))).key
        ending = services.Ending("", Receipt.SIGNED, visit.premises.person_in_charge or "某老板", key)
        with transaction():
            services.finish_inspection(visit, ending, by=visit.lead)


def issue(app: Flask, visit_id: UUID) -> notices.Notice:
    """An advisory notice with every finding of the finished visit, detached."""
    with app.app_context():
        visit = db.session.get_one(services.Inspection, visit_id)
        wanted = tuple(finding.id for finding, _photos in findings_with_photos(visit_id))
        with transaction():
            notice = notices.issue_notice(
                new_id(), notices.Wish(visit_id, "xuncha_advice", wanted), by=visit.lead, now=clock.now()
            )
        db.session.refresh(notice)
        db.session.expunge(notice)
        return notice


def noticed(app: Flask, place: str, *findings: tuple[str, str]) -> notices.Notice:
    """The whole way in one call."""
    visit = begin_visit(app, place, findings=findings or (("CAT-09", "两袋面粉直接放在地上"),), done=True)
    finish_visit(app, visit)
    return issue(app, visit)


def _fellows() -> list[Person]:
    return list(db.session.scalars(select(Person).where(Person.login == "xieguan2")).unique())


def _settings(app: Flask) -> Settings:
    found: Settings = app.extensions["settings"]
    return found
