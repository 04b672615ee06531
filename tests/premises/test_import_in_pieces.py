"""An import is written in pieces: it goes on where it stopped, doubles nothing, and lets others write in between."""

from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Person
from app.core.database import db, transaction
from app.core.roles import Role
from app.inspections.models import Inspection, Result
from app.inspections.queries import answers_of, get_item
from app.inspections.services import save_answer
from app.premises import import_services
from app.premises.models import ImportBatch
from tests.factories.inspections import item_of, make_visit
from tests.factories.people import County
from tests.fixtures.pages import PageClient, csrf_token
from tests.fixtures.signing_in import SignIn
from tests.premises.test_import import accept_columns, send, stored

REGISTER = "名称,类型\n" + "".join(f"第{chr(0x4E00 + number)}店,商店\n" for number in range(7))


@pytest.fixture
def begun(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> tuple[PageClient, str]:
    """Seven rows, ready to be written two in a transaction."""
    monkeypatch.setattr(import_services.pieces_of, "__defaults__", (2,))
    client = sign_in(Role.COORDINATOR)
    accept_columns(client, batch := send(client, REGISTER.encode()))
    return client, batch


def stop_after(monkeypatch: pytest.MonkeyPatch, pieces: int) -> None:
    """The program dies in the transaction after this many pieces, with everything of it already written."""
    real, done = import_services.write_piece, []

    def write(*arguments: Any) -> None:
        real(*arguments)
        done.append(1)
        if len(done) > pieces:
            raise KeyboardInterrupt

    monkeypatch.setattr(import_services, "write_piece", write)


@pytest.mark.both_databases
def test_a_killed_import_goes_on_where_it_stopped_and_doubles_nothing(
    begun: tuple[PageClient, str], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, batch = begun
    with monkeypatch.context() as patch:
        stop_after(patch, 2)
        with pytest.raises(KeyboardInterrupt):
            client.submit(batch, {"mode": "all"})
    assert len(stored(app)) == 4
    assert "已写入 4 行,共 7 行" in client.page("/premises/import").text
    page = client.page(batch).text
    assert "继续导入" in page
    done = client.submit(batch, {})
    assert done.location == f"{batch}/done"
    assert "7" in client.page(done.location).text
    assert sorted(one.name for one in stored(app)) == sorted(f"第{chr(0x4E00 + number)}店" for number in range(7))
    with app.app_context():
        kept = db.session.scalars(select(ImportBatch)).one()
        assert (kept.rows, kept.plan, kept.written, kept.summary["created"]) == ([], None, 7, 7)
    assert "第一店" in client.get("/premises?q=第一店").text


@pytest.mark.both_databases
def test_two_requests_that_write_one_import_together_double_nothing(
    begun: tuple[PageClient, str], app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two pieces of the first request the second one writes all that is left."""
    client, batch = begun
    token = csrf_token(client.get(batch).text)
    real, inside = import_services.pieces_of, []

    def pieces(*arguments: Any) -> Any:
        for number, piece in enumerate(real(*arguments)):
            if number == 1:
                monkeypatch.setattr(import_services, "pieces_of", real)
                inside.append(client.post(batch, data={"csrf_token": token}).location)
            yield piece

    monkeypatch.setattr(import_services, "pieces_of", pieces)
    assert client.post(batch, data={"csrf_token": token, "mode": "all"}).location == f"{batch}/done"
    assert inside == [f"{batch}/done"]
    assert len(stored(app)) == 7


@pytest.mark.both_databases
def test_an_answer_is_saved_while_an_import_runs(
    begun: tuple[PageClient, str], app: Flask, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody begins to save while a piece holds the database; before the next piece, that is done."""
    client, batch = begun
    with app.app_context():
        visit = make_visit(db.session.get_one(Person, county.person(Role.COORDINATOR).id))
        visit_id, answered = visit.id, item_of(visit, "CAT-01").id
        db.session.commit()
    real, waiting, saved_at = import_services.write_piece, [], []

    def answer() -> None:
        with app.app_context(), transaction():
            visit = db.session.get_one(Inspection, visit_id)
            save_answer(visit, get_item(visit, answered), Result.CONFORMS, by=visit.lead)

    def write(piece: Any, by: Any) -> None:
        real(piece, by)
        if not waiting:
            waiting.append(Thread(target=answer))
            waiting[0].start()

    def pieces(*arguments: Any) -> Any:
        for piece in real_pieces(*arguments):
            if waiting and not saved_at:
                waiting[0].join(20)
                assert not waiting[0].is_alive(), "the import holds the database between its pieces"
                saved_at.append(piece.start)
            yield piece

    real_pieces = import_services.pieces_of
    monkeypatch.setattr(import_services, "write_piece", write)
    monkeypatch.setattr(import_services, "pieces_of", pieces)
    client.submit(batch, {"mode": "all"})
    assert saved_at == [2], "after the first two rows, before the others"
    with app.app_context():
        assert answers_of(db.session.get_one(Inspection, visit_id))[answered].result is Result.CONFORMS
