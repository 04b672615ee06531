"""The outbox against the real server, over a line that breaks, with pages that are killed: all arrives, once, whole."""

import base64
import hashlib
import io
import random
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import select

from app.accounts.models import Person
from app.checklists.queries import current_version, items_of
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.roles import Role
from app.core.storage import storage
from app.inspections.models import Answer, Inspection, InspectionPhoto
from app.premises.models import Premises
from app.sync.models import SyncChange
from app.sync.rules import Status
from tests.fixtures.demo import EATERY, DemoCounty
from tests.fixtures.signing_in import SignIn

BEGIN = """
async ({visit, premises, items}) => {
  const changes = await import('/static/js/offline/changes.js');
  const store = await import('/static/js/offline/store.js');
  const {id: person} = await (await import('/static/js/offline/session.js')).here();
  const place = {premises_id: premises, premises: {name: '小馆'}};
  await store.put('visits', {id: visit, person, ...place, status: 'open', base: null});
  const fields = {premises_id: premises, domains: [], fellows: [], latitude: null, longitude: null, accuracy_m: null};
  await changes.record({kind: 'visit_start', inspection_id: visit, fields});
  for (const item_id of items) {
    await changes.record({kind: 'answer', inspection_id: visit, item_id, fields: {result: 'conforms'}});
  }
}
"""
PHOTO = """
async ({visit, item, bytes}) => {
  const photos = await import('/static/js/offline/photos.js');
  const content = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  const file = new File([content], '照片.jpg', {type: 'image/jpeg'});
  return (await photos.keepPhoto({visit, item, file, source: 'camera'})).id;
}
"""


def jpeg(seed: int, side: int) -> bytes:
    """Noise that no codec makes small: about `side`² bytes."""
    noise = random.Random(seed).randbytes(side * side * 3)
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), noise).save(out, "JPEG", quality=90)
    return out.getvalue()


@pytest.fixture
def place(app: Flask) -> Any:
    with app.app_context():
        return db.session.scalars(select(Premises).where(Premises.name == EATERY)).one()


@pytest.fixture
def items(app: Flask) -> list[str]:
    """Ids of some items of the newest catering checklist."""
    with app.app_context():
        version = current_version("catering")
        return [str(item.id) for item in items_of([version.id])[version.id][:5]]


def test_answers_and_photos_arrive_once_and_whole_over_a_bad_line(
    app: Flask,
    open_context: Callable[..., BrowserContext],
    sign_in: SignIn,
    place: Any,
    items: list[str],
) -> None:
    context = open_context()
    cookie = sign_in.cookie(Role.COORDINATOR)
    entry = {"name": cookie.key, "value": cookie.value, "domain": "localhost", "path": "/"}
    context.add_cookies([entry])  # type: ignore[list-item]
    page = context.new_page()
    page.goto("/me")
    for name in ("changes", "photos"):
        page.evaluate(f"import('/static/js/offline/{name}.js')")
    context.set_offline(True)
    visit, taken = str(new_id()), {}
    page.evaluate(BEGIN, {"visit": visit, "premises": str(place.id), "items": items})
    for seed, side in enumerate((300, 1200, 1800)):
        data = jpeg(seed, side)
        given = {"visit": visit, "item": items[0], "bytes": base64.b64encode(data).decode()}
        taken[page.evaluate(PHOTO, given)] = hashlib.sha256(data).hexdigest()
    dice = random.Random(7)

    def breaks(route: Route) -> None:
        """Three of ten requests break, before or after they reached the server."""
        luck = dice.random()
        if luck < 0.15:
            return route.abort("connectionreset")
        if luck < 0.3:
            route.fetch()  # it arrives, its answer does not
            return route.abort("connectionreset")
        return route.continue_()

    context.route("**/sync/**", breaks)
    for _kill in range(2):
        page = _opened_again(page, context)
        page.wait_for_timeout(1500)
    page = _opened_again(page, context)
    expect(page.locator("#sync[data-known]")).to_have_text("✓ 全部已送达", timeout=90_000)
    with app.app_context():
        row = db.session.scalars(select(Inspection).where(Inspection.premises_id == place.id)).one()
        answers = db.session.scalars(select(Answer).where(Answer.inspection_id == row.id)).all()
        photos = db.session.scalars(
            select(InspectionPhoto).where(InspectionPhoto.inspection_id == row.id)
        ).all()
        assert str(row.id) == visit
        assert sorted(str(answer.item_id) for answer in answers) == sorted(items)
        stored = {str(photo.photo_id): storage().read(photo.photo.storage_key) for photo in photos}
    assert {id_: hashlib.sha256(data).hexdigest() for id_, data in stored.items()} == taken


def test_what_a_closed_account_left_on_its_phone_is_held_for_the_supervisor(
    app: Flask, page_as: Callable[..., Page], county: DemoCounty, place: Any, items: list[str]
) -> None:
    page = page_as(Role.COORDINATOR)
    page.goto("/me")
    expect(page.locator("#sync[data-known]")).to_have_text("✓ 全部已送达")
    page.evaluate("import('/static/js/offline/changes.js').then(() => true)")
    page.context.set_offline(True)
    page.evaluate(BEGIN, {"visit": str(new_id()), "premises": str(place.id), "items": items})
    expect(page.locator("#sync")).to_have_text(f"无信号 · 已存 {1 + len(items)}")
    with app.app_context(), transaction():
        db.session.get_one(Person, county.person(Role.COORDINATOR).id).active = False
    page.context.set_offline(False)
    expect(page.locator("#sync[data-known]")).to_have_text("✓ 全部已送达", timeout=60_000)
    with app.app_context():
        held = db.session.scalars(select(SyncChange)).all()
        assert {row.status for row in held} == {Status.HELD}
        assert len(held) == 1 + len(items)
        assert not db.session.scalars(select(Inspection).where(Inspection.premises_id == place.id)).all()


def _opened_again(page: Page, context: BrowserContext) -> Page:
    """The page is gone in the middle of whatever it did; a new one is opened."""
    page.close()
    context.set_offline(False)
    page = context.new_page()
    page.goto("/me")
    return page
