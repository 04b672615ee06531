"""Every page there is, with real rows in its address: walked by the tests of accessibility and of words."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select

from app.accounts.county import set_option
from app.accounts.models import Organisation, Person
from app.accounts.regions import Region
from app.checklists.models import ChecklistItem, ChecklistVersion
from app.complaints.rules import Channel
from app.complaints.services import Lodged, register_complaint
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.inspections.models import Finding, Inspection, InspectionPhoto, Status
from app.monthly.models import MonthlyReport
from app.notices.kinds import get_kind
from app.notices.models import Notice
from app.notices.numbers import reserve
from app.patrol.worker import SHELLS
from app.premises.models import Premises
from app.referrals.models import Addressee, Referral, ReferralLink
from app.replies.models import ReplyKind, ReplyPhoto
from app.replies.rules import Words
from app.replies.services import send_reply
from app.reports.services import Told, make_report
from app.sampling.models import CallSheet
from app.sampling.models import State as SheetState
from app.signals.models import Signal
from tests.factories.premises import make_import
from tests.factories.visits import begin_visit
from tests.fixtures.demo import EATERY, LOGINS
from tests.fixtures.pages import PageClient
from tests.invariants.test_routes import own_rules

# slow to make, and no pages
FILES = (
    "inspections.signature", "notices.qr", "notice_public.pdf", "monthly.pdf", "monthly.workbook",
    "referrals.sheet", "referrals.evidence_zip",
)  # fmt: skip


@dataclass(frozen=True)
class Visited:
    """A page that answered 200 with HTML to this reader."""

    path: str
    html: str


def sample_values(app: Flask) -> dict[str, list[Any]]:
    """Rows for URL parameters; several where a page has several faces (open and finished visits, …)."""
    begin_visit(app, EATERY, findings=(("CAT-09", "两袋面粉直接放在地上"), ("CAT-07", "7 袋面包过期")))
    with app.app_context():
        one = lambda model: db.session.scalars(select(model).limit(1)).unique().one()  # noqa: E731 - five times
        coordinator = (
            db.session.scalars(select(Person).where(Person.login == LOGINS[Role.COORDINATOR])).unique().one()
        )
        with transaction():
            batch = make_import(coordinator).id
            kept = reserve(coordinator, get_kind("xuncha_advice"), 1, new_id(), now=clock.now())[0].token
        open_visits = (
            select(Inspection.id)
            .where(Inspection.status == Status.OPEN)
            .order_by(Inspection.started_at.desc())
        )
        found = select(Inspection.id).join(Finding, Finding.inspection_id == Inspection.id)
        with_notice = select(Notice).where(Notice.issued_at.is_not(None)).order_by(Notice.issued_at)
        notice = db.session.scalars(with_notice.where(Notice.issued_by_id == coordinator.id)).first()
        assert notice is not None
        without = found.where(
            Inspection.status == Status.FINISHED,
            Inspection.lead_id == coordinator.id,
            Inspection.id.not_in(select(Notice.inspection_id)),
        )
        sheet = db.session.scalars(select(CallSheet).where(CallSheet.state == SheetState.WAITING)).first()
        assert sheet is not None
        return {
            "person_id": [coordinator.id],
            "organisation_id": [one(Organisation).id, notice.organisation_id],
            "region_id": [one(Region).id],
            "parent_id": [one(Region).id],
            "premises_id": [notice.premises_id],
            "batch_id": [batch],
            "inspection_id": [
                db.session.scalars(open_visits).first(),
                notice.inspection_id,
                db.session.scalars(without).first(),
            ],
            "item_id": [one(ChecklistItem).id],
            "notice_id": [notice.id],
            "token": [
                notice.token,
                kept,
                db.session.get_one(Premises, notice.premises_id).door_token,
                db.session.scalars(select(ReferralLink.token).order_by(ReferralLink.made_at.desc())).first(),
            ],
            "referral_id": list(db.session.scalars(select(Referral.id))),
            "addressee_id": [one(Addressee).id],
            "photo_id": [db.session.scalars(select(InspectionPhoto.photo_id)).first()],
            "version_id": [one(ChecklistVersion).id],
            "domain": ["catering"],
            "number": [1],
            "code": ["CAT-10"],
            "name": list(SHELLS),
            "notice_kind": [notice.kind],
            "year": [notice.year],
            "report_id": [_report(coordinator)],
            "complaint_id": [_complaint(coordinator)],
            "finding_id": [notice.points[0].finding_id],
            "place": [1],
            "reply_id": [_reply_of_owner(notice)],
            "signal_id": list(db.session.scalars(select(Signal.id))),
            "draft_id": [],  # no page
            "reply_photo_id": [db.session.scalars(select(ReplyPhoto.photo_id)).first()],
            "sample_id": [sheet.sample_id],
            "sheet_id": [sheet.id],
            "monthly_id": list(db.session.scalars(select(MonthlyReport.id))),
        }


def _complaint(by: Person) -> UUID:
    """A complaint that the coordinator wrote down."""
    with transaction():
        lodged = Lodged(channel=Channel.VISIT, region=by.region, matter="老街面馆后厨有老鼠")
        return register_complaint(new_id(), lodged, by=by, now=clock.now()).id


def _reply_of_owner(notice: Notice) -> UUID:
    """A reply to the notice, in a county that asks for no digits: strangers see form, receipt and self-check."""
    with transaction():
        set_option(notice.county_id, "replies.lock", "open", by=None, now=clock.now())
        words = Words(ReplyKind.DISAGREE, "这不是我店里的面粉")
        return send_reply(new_id(), notice.id, notice.points[0].finding_id, words, now=clock.now()).id


def _report(by: Person) -> UUID:
    """An information report that waits to be verified."""
    with transaction():
        told = Told(category="practice", content="老桥头有人无证拔牙", place="老桥头")
        return make_report(new_id(), told, by=by, now=clock.now()).id


def pages_of(
    app: Flask, client: PageClient, role: Role | None, samples: dict[str, list[Any]]
) -> list[Visited]:
    """Every address this role may open that answers with a page; `None` is somebody who is not signed in."""
    found: dict[str, Visited] = {}
    for path in paths_of(app, role, samples):
        answer = client.get(path, headers={"Accept": "text/html"})
        html = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        if answer.status_code == 200 and html.lstrip().lower().startswith(
            "<!doctype"
        ):  # fragments are no pages
            found[path] = Visited(path, html)
    return list(found.values())


def paths_of(app: Flask, role: Role | None, samples: dict[str, list[Any]]) -> list[str]:
    """Every address this role may ask for."""
    paths = []
    adapter = app.url_map.bind("localhost")
    for rule in own_rules(app):
        access = app.view_functions[rule.endpoint].access  # type: ignore[attr-defined]
        mine = access.is_public if role is None else role in access.roles
        if not mine or "GET" not in (rule.methods or ()) or rule.endpoint in FILES:
            continue
        choices: list[dict[str, Any]] = [{}]
        for name in sorted(rule.arguments):
            choices = [known | {name: value} for known in choices for value in samples.get(name, [])]
        paths += [adapter.build(rule.endpoint, values) for values in choices]
    return ["/sign-in", *paths] if role is None else paths
