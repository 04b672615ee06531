"""A phone that cannot send saves a file; handed in elsewhere it brings everything, the phone's own sending nothing."""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.checklists.queries import current_version, items_of
from app.core.database import db
from app.core.ids import new_id
from app.core.roles import Role
from app.core.storage import storage
from app.inspections.models import Answer, Inspection, InspectionPhoto
from app.premises.models import Premises
from app.sync.models import SyncChange
from tests.browser.test_outbox_arrives import BEGIN, PHOTO, jpeg
from tests.fixtures.browsers import DESK
from tests.fixtures.demo import EATERY

END = """
async (visit) => {
  const changes = await import('/static/js/offline/changes.js');
  const store = await import('/static/js/offline/store.js');
  while ((await store.all('photos')).some((photo) => !photo.sha256)) await new Promise((next) => setTimeout(next, 20));
  const fields = {conclusion: '看过了', receipt: 'refused', refusal_reason: '人不在', witness: ''};
  await changes.record({kind: 'finish', inspection_id: visit, fields});
}
"""


def _facts(app: Flask, visit: str) -> dict[str, Any]:
    """All that the server has of the visit."""
    with app.app_context():
        row = db.session.get_one(Inspection, UUID(visit))
        photos = db.session.scalars(select(InspectionPhoto).where(InspectionPhoto.inspection_id == row.id)).all()
        answers = db.session.scalars(select(Answer).where(Answer.inspection_id == row.id)).all()
        changes = db.session.scalars(select(SyncChange).where(SyncChange.inspection_id == row.id)).all()
        return {
            "digest": row.digest,
            "photos": {str(one.photo_id): storage().read(one.photo.storage_key) for one in photos},
            "answers": sorted(str(one.item_id) for one in answers),
            "changes": sorted((str(one.id), one.status.value) for one in changes),
        }


def test_a_saved_file_handed_in_elsewhere_brings_everything_once(
    app: Flask, page_as: Callable[..., Page], tmp_path: Path
) -> None:
    with app.app_context():
        place = str(db.session.scalars(select(Premises.id).where(Premises.name == EATERY)).one())
        version = current_version("catering")
        items = [str(item.id) for item in items_of([version.id])[version.id][:5]]
    phone, visit, taken = page_as(Role.COORDINATOR), str(new_id()), {}
    phone.goto("/outbox")
    for name in ("changes", "photos", "rescue"):
        phone.evaluate(f"import('/static/js/offline/{name}.js').then(() => true)")
    phone.context.set_offline(True)
    phone.evaluate(BEGIN, {"visit": visit, "premises": place, "items": items})
    for seed, side in enumerate((200, 900)):
        data = jpeg(seed, side)
        given = {"visit": visit, "item": items[seed], "bytes": base64.b64encode(data).decode()}
        taken[phone.evaluate(PHOTO, given)] = hashlib.sha256(data).hexdigest()
    phone.evaluate(END, visit)
    with phone.expect_download() as download:
        phone.get_by_role("button", name="保存救援文件").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)

    desk = page_as(Role.COORDINATOR, **DESK)
    desk.goto("/rescue")
    desk.get_by_label("救援文件").set_input_files(file)
    desk.get_by_role("button", name="提交").click()
    expect(desk.get_by_text("文件已读取")).to_be_visible()
    expect(desk.get_by_role("heading", name="请看这些")).to_have_count(0)
    brought = _facts(app, visit)
    assert brought["digest"], "the visit is finished"
    assert {id_: hashlib.sha256(data).hexdigest() for id_, data in brought["photos"].items()} == taken
    assert brought["answers"] == sorted(items)
    assert {status for _id, status in brought["changes"]} == {"received"}

    phone.context.set_offline(False)  # the phone finds a signal after all
    expect(phone.locator("#sync[data-known]")).to_have_text("✓ 全部已送达", timeout=60_000)
    assert _facts(app, visit) == brought
