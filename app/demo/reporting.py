"""A few invented information reports and complaints, each at another point of its way."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from app.accounts.models import Person
from app.complaints import services as complaints
from app.complaints.models import Complaint
from app.complaints.rules import Channel
from app.complaints.rules import Event as ComplaintEvent
from app.complaints.sealing import Complainant
from app.core import clock
from app.core.database import db, transaction
from app.core.ids import derived_id
from app.premises.models import Premises
from app.reports import services as reports
from app.reports.models import Report
from app.reports.rules import Event

PLACE = UUID("00000000-0000-4000-8000-00000000da7b")  # namespace of these ids

# (name, hours ago, who, category, where, what, steps: event, note, to whom)
REPORTS = (
    ("dentist", 3, "xinxi", "practice", "老桥头集市", "流动摊点拔牙,没有看到执照(演示)", ()),
    ("water", 30, "xinxi2", "water", "云坪村 2 组", "自来水发黄有异味,已有两天(演示)",
     ((Event.FOUND_TRUE, "取水口上方塌方", ""), (Event.FORWARDED, "", "演示县疾病预防控制局"))),
    ("banquet", 200, "xinxi", "food", "松岭村 3 组", "农村家宴二十桌,没有事先告知(演示)",
     ((Event.FOUND_TRUE, "已上门指导", ""), (Event.HANDLED, "已登记并指导留样", ""),
      (Event.FED_BACK, "已上门指导并登记,谢谢您的报告", ""))),
)  # fmt: skip
COMPLAINANT = Complainant(name="示范投诉人甲(演示)", phone="0999-0000000", other="希望保密")


def report_and_complain(people: Mapping[str, Person], places: Mapping[str, Premises]) -> None:
    """Each whole or not at all; what is there is not made again."""
    for entry in REPORTS:
        if db.session.get(Report, derived_id(PLACE, entry[0])) is None:
            with transaction():
                _report(entry, people)
    for name, shop in (("mice", "老街面馆"), ("noise", "青禾小饭馆")):
        if db.session.get(Complaint, derived_id(PLACE, name)) is None:
            with transaction():
                _complaint(name, places[shop], people)


def _report(entry: tuple, people: Mapping[str, Person]) -> None:
    name, hours, who, category, place, content, steps = entry
    at = clock.now() - timedelta(hours=hours)
    told = reports.Told(category=category, content=content, place=place, discovered_at=at - timedelta(minutes=20))
    report = reports.make_report(derived_id(PLACE, name), told, by=people[who], now=at)
    helper = people["xieguan3" if who == "xinxi2" else "xieguan"]
    for number, (event, note, to) in enumerate(steps, 1):
        turn_id = derived_id(report.id, event.value)
        reports.take_step(
            report.id, event, turn_id=turn_id, by=helper, now=at + timedelta(hours=number), note=note, to=to
        )


def _complaint(name: str, premises: Premises, people: Mapping[str, Person]) -> None:
    lodged = complaints.Lodged(
        channel=Channel.PHONE if name == "mice" else Channel.VISIT,
        region=premises.region,
        premises=premises,
        matter="后厨有老鼠,食品没有遮盖(演示)" if name == "mice" else "油烟直排楼道(演示)",
        complainant=COMPLAINANT if name == "mice" else Complainant(),
    )
    at = clock.now() - timedelta(days=2)
    complaint = complaints.register_complaint(derived_id(PLACE, name), lodged, by=people["xieguan"], now=at)
    if name == "mice":
        step = complaints.Step(ComplaintEvent.TAKEN_ON)
        turn_id = derived_id(complaint.id, "taken_on")
        complaints.take_step(complaint.id, step, turn_id=turn_id, by=people["jiandu"], now=at + timedelta(hours=2))
