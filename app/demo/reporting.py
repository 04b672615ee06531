"""A few invented information reports and complaints, each at another point of its way."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from app.accounts.models import Person
from app.complaints import services as complaints
from app.complaints.models import Complaint
from app.complaints.rules import Channel
from app.complaints.rules import Event as ComplaintEvent
from app.complaints.sealing import Complainant
from app.core import clock
from app.core.database import db
from app.core.ids import derived_id
from app.demo.telling import Step
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


def steps(people: Mapping[str, Person], places: Mapping[str, Premises], now: datetime) -> Iterator[Step]:
    """Each whole or not at all; what is there is not made again."""
    for entry in REPORTS:
        name, hours, who, *_told, turns = entry
        at, helper = now - timedelta(hours=hours), people["xieguan3" if who == "xinxi2" else "xieguan"]
        yield at, partial(_report, entry, people[who])
        for number, turn in enumerate(turns, 1):
            yield at + timedelta(hours=number), partial(_turn, name, turn, helper)
    at = now - timedelta(hours=47, minutes=30)
    yield at, partial(_complaint, "mice", places["老街面馆"], people["xieguan"])
    yield at + timedelta(hours=1), partial(_complaint, "noise", places["青禾小饭馆"], people["xieguan"])
    yield at + timedelta(hours=2), partial(_take_on, "mice", people["jiandu"])


def _report(entry: tuple, by: Person) -> None:
    name, _hours, _who, category, place, content, _turns = entry
    if db.session.get(Report, derived_id(PLACE, name)) is None:
        now = clock.now()
        told = reports.Told(category=category, content=content, place=place, discovered_at=now - timedelta(minutes=20))
        reports.make_report(derived_id(PLACE, name), told, by=by, now=now)


def _turn(name: str, turn: tuple[Event, str, str], by: Person) -> None:
    report_id, (event, note, to) = derived_id(PLACE, name), turn
    turn_id = derived_id(report_id, event.value)
    reports.take_step(report_id, event, turn_id=turn_id, by=by, now=clock.now(), note=note, to=to)


def _complaint(name: str, premises: Premises, by: Person) -> None:
    if db.session.get(Complaint, derived_id(PLACE, name)) is not None:
        return
    lodged = complaints.Lodged(
        channel=Channel.PHONE if name == "mice" else Channel.VISIT,
        region=premises.region,
        premises=premises,
        matter="后厨有老鼠,食品没有遮盖(演示)" if name == "mice" else "油烟直排楼道(演示)",
        complainant=COMPLAINANT if name == "mice" else Complainant(),
    )
    complaints.register_complaint(derived_id(PLACE, name), lodged, by=by, now=clock.now())


def _take_on(name: str, by: Person) -> None:
    complaint_id = derived_id(PLACE, name)
    step, turn_id = complaints.Step(ComplaintEvent.TAKEN_ON), derived_id(complaint_id, "taken_on")
    complaints.take_step(complaint_id, step, turn_id=turn_id, by=by, now=clock.now())
