"""Whom the invented county refers to, and three invented referrals: running, waiting, closed."""

import io
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from app.accounts.models import Organisation, Person
from app.accounts.regions import Region
from app.core import clock
from app.core.database import db
from app.core.ids import derived_id
from app.core.settings import Settings
from app.core.storage import storage
from app.demo.pictures import draw_scene
from app.demo.telling import Step
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.models import Purpose, Source
from app.photos.rules import PhotoMeta
from app.referrals import queries, services
from app.referrals import steps as stepping
from app.referrals.addressees import Address, save_addressee
from app.referrals.models import Referral
from app.referrals.rules import Event, Outcome
from app.referrals.services import Facts, Opening

PLACE = UUID("00000000-0000-4000-8000-00000000da7b")  # namespace of these ids

# (authority, region code, name, phone)
ADDRESSEES = (
    ("health_commission", "990100", "演示县卫生健康局", "0999-1234561"),
    ("disease_control", "990100", "演示县疾病预防控制局", "0999-1234567"),
    ("market_supervision", "990100", "演示县市场监督管理局", "0999-1234562"),
    ("market_supervision", "990101", "南河镇市场监管所(演示)", "0999-1234572"),
    ("fire_rescue", "990100", "演示县消防救援大队", "0999-1234563"),
    ("police_station", "990101", "南河派出所(演示)", "0999-1234574"),
)
# (key, matter, village code, minutes ago, address, facts, scene, how far it has come)
REFERRALS = (
    ("teeth", "illegal_practice", "99010103", 95, "老街集市东头第三间,蓝色卷帘门(演示)",
     "门口挂“祖传治牙”布条,里面有牙椅,门外垃圾桶有用过的针头。附近摊主说逢集日上午营业。", "外观已拍照,没有进入", 0),
    ("banquet", "food_poisoning", "99010102", 60 * 26, "松岭村3组晒谷场(演示)",
     "农村家宴约 80 人就餐,当晚 4 人腹泻、呕吐,2 人已到卫生院就诊。主菜为凉拌卤肉。",
     "已建议留存剩余食物和呕吐物;就餐人员名单已登记", 1),
    ("waste", "medical_waste", "99010101", 60 * 24 * 9, "河口渡口东侧空地(演示)",
     "空地发现两袋黄色医疗废物袋,内有输液管和棉签,袋上没有标签。", "已拉绳围住,由村干部看守", 2),
)  # fmt: skip


def steps(people: Mapping[str, Person], settings: Settings, now: datetime) -> Iterator[Step]:
    """The three, as far as they have come; what is there is not made again."""
    by, ways = people["xieguan"], ((), (Event.SEND,), (Event.SEND, Event.ACKNOWLEDGE, Event.ACCEPT, Event.CLOSE))
    for number, (key, _matter, _code, minutes, *_facts, far) in enumerate(REFERRALS):
        begun = now - timedelta(minutes=minutes)
        yield begun, partial(_open, number, by, settings)
        for place, event in enumerate(ways[far]):
            yield begun + timedelta(minutes=22 + 300 * place), partial(_step, key, event, by)


def seed_addressees(by: Person) -> None:
    """The county's list, as its administrator entered it."""
    bodies = {body.name_zh: body for body in db.session.scalars(select(Organisation)).unique()}
    for authority, code, name, phone in ADDRESSEES:
        region = db.session.scalars(select(Region).where(Region.code == code)).one()
        address = Address(authority, region, name, phone, "", "", bodies.get(name))
        save_addressee(derived_id(PLACE, authority, code), address, by=by, now=clock.now())


def _open(number: int, by: Person, settings: Settings) -> None:
    key, matter, code, _minutes, address, facts, scene, _far = REFERRALS[number]
    if db.session.get(Referral, referral_id(key)) is not None:
        return
    begun = clock.now()
    region = db.session.scalars(select(Region).where(Region.code == code)).one()
    said = Facts(begun, address=address, facts=facts, scene=scene)
    referral = services.open_referral(referral_id(key), Opening(matter, region, said), by=by, now=begun)
    picture = io.BytesIO(draw_scene(address, 7000 + number, settings))
    received = receive_photo(picture, storage=storage(), limits=Limits.of(settings))
    meta = PhotoMeta(captured_at=begun, clock_offset_ms=0, purpose=Purpose.SCENE, source=Source.CAMERA)
    photo = record_photo(received, photo_id=derived_id(PLACE, key, "photo"), by=by.id, meta=meta)
    services.attach_photo(referral, photo, by=by, caption="现场外观")


def referral_id(key: str) -> UUID:
    return derived_id(PLACE, key)


def _step(key: str, event: Event, by: Person) -> None:
    referral = queries.get_referral(referral_id(key), by)
    told = "" if event is Event.SEND else "示范接收人甲"
    reason = "已收运并登记,责任单位另行处理" if event is Event.CLOSE else ""
    outcome = Outcome.DEALT_WITH if event is Event.CLOSE else None
    step = stepping.Step(derived_id(PLACE, key, event.value), event, reason, told, "", outcome)
    stepping.take_step(referral, step, by=by, now=clock.now())
