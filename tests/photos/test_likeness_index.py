"""Photos that were used before are found beside the requests, and only then named."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import ImageOps
from sqlalchemy import func, select

from app.core import clock
from app.core.database import db, transaction
from app.core.ids import new_id
from app.core.storage import storage
from app.photos import likeness, likeness_index, likeness_renew, likeness_work
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.likeness_index import (
    Kind,
    LikenessKey,
    LikenessPair,
    PhotoLikeness,
    find_alike,
    find_alike_of,
    is_compared,
)
from app.photos.likeness_work import catch_up
from app.photos.rules import PhotoMeta
from tools.reuse.scenes import photo


def room(number):
    return photo(4 * number, 1)[1]


@pytest.fixture
def received(context):
    """Have a picture received by the product as a JPEG; gives its record."""
    at = [clock.now() - timedelta(days=1)]

    def receive(image, quality=90):
        out = BytesIO()
        image.save(out, "JPEG", quality=quality)
        taken = receive_photo(BytesIO(out.getvalue()), storage=storage(), limits=Limits(2**24, 10**8))
        with transaction():
            record = record_photo(taken, photo_id=new_id(), by=None, meta=PhotoMeta())
            at[0] += timedelta(minutes=1)
            record.received_at = at[0]
        return record

    return receive


@pytest.mark.both_databases
def test_a_mirrored_crop_of_an_earlier_photo_is_named_with_its_numbers(received):
    first, other = received(room(1)), received(room(2))
    copy = received(ImageOps.mirror(room(1).crop((60, 40, 600, 420))), quality=60)
    assert not is_compared(copy)
    assert catch_up(storage()) == 3
    assert is_compared(copy)
    (found,) = find_alike(copy)
    assert (found.photo_id, found.kind, found.mirrored) == (first.id, Kind.ALIKE, True)
    assert found.places >= 5
    assert found.agreement > 0.8
    assert find_alike(first) == find_alike(other) == []


@pytest.mark.both_databases
def test_the_very_same_bytes_are_named_at_once_and_their_copies_once_compared(received):
    first = received(room(3))
    again = received(room(3))
    assert [(one.photo_id, one.kind) for one in find_alike(again)] == [(first.id, Kind.SAME_BYTES)]
    smaller = received(room(3).resize((500, 375)))
    assert catch_up(storage()) == 2  # one picture was sent twice
    assert [one.photo_id for one in find_alike(smaller)] == [first.id, again.id]
    assert catch_up(storage()) == 0


def test_the_later_one_is_named_whichever_was_compared_first(received):
    first = received(room(1))
    copy = received(room(1), quality=50)
    told = []
    likeness_index.when_compared(told.extend)
    try:
        assert catch_up(storage(), most=1) == 1  # the newest
        assert told == [copy.id]
        assert catch_up(storage()) == 1
    finally:
        likeness_index._told.remove(told.extend)
    assert set(told[1:]) == {first.id, copy.id}
    assert [one.photo_id for one in find_alike(copy)] == [first.id]
    assert find_alike(first) == []


def test_many_photos_are_asked_for_with_two_statements(received):
    photos = [received(room(1)), received(room(1), quality=50), received(room(2))]
    catch_up(storage())
    found = find_alike_of(photos)
    assert [len(found[one.id]) for one in photos] == [0, 1, 0]


@pytest.mark.both_databases
def test_a_comparison_that_died_half_way_is_made_again(received):
    first = received(room(1))
    copy = received(room(1), quality=50)
    with transaction():  # as a process leaves it that dies before it has looked anything up
        likeness_work.put_in(copy.sha256, likeness.places_of(likeness_work.base_of(copy, storage())))
    assert not is_compared(copy)
    assert catch_up(storage()) == 2
    assert [one.photo_id for one in find_alike(copy)] == [first.id]
    assert db.session.scalar(select(func.count()).select_from(LikenessPair)) == 2  # each found the other


def test_a_photo_whose_bytes_are_gone_is_no_reason_to_stop(received):
    lost, kept = received(room(1)), received(room(2))
    storage().delete(lost.storage_key)
    assert catch_up(storage()) == 2
    row = db.session.scalars(select(PhotoLikeness).where(PhotoLikeness.sha256 == lost.sha256)).one()
    assert (row.version, row.places) == (likeness_work.UNREADABLE, b"")
    assert is_compared(kept)


def test_a_key_that_everybody_has_takes_no_more(received, monkeypatch):
    monkeypatch.setattr(likeness_work, "CROWDED", 1)
    received(room(1))
    received(room(1), quality=95)
    catch_up(storage())
    most = select(func.count()).select_from(LikenessKey).group_by(LikenessKey.key)
    assert max(db.session.scalars(most)) == 1


def test_a_picture_is_forgotten_with_its_keys_and_pairs(received):
    first = received(room(1))
    received(room(1), quality=50)
    catch_up(storage())
    with transaction():
        likeness_work.forget([first.sha256])
    assert db.session.scalar(select(func.count()).select_from(PhotoLikeness)) == 1
    assert db.session.scalar(select(func.count()).select_from(LikenessPair)) == 0
    numbers = set(db.session.scalars(select(LikenessKey.number)))
    assert numbers == set(db.session.scalars(select(PhotoLikeness.number)))


@pytest.mark.both_databases
def test_pictures_known_from_an_older_version_are_found_under_the_keys_of_this_one(received):
    first = received(room(1))
    received(room(2))
    catch_up(storage())
    keys = select(LikenessKey.key, LikenessKey.number).order_by(LikenessKey.key, LikenessKey.number)
    before = db.session.execute(keys).all()
    with transaction():  # as an update leaves it: described before, and an empty index
        db.session.execute(LikenessKey.__table__.delete())
        db.session.execute(PhotoLikeness.__table__.update().values(version=1))
    copy = received(ImageOps.mirror(room(1)), quality=50)
    assert catch_up(storage()) == 1
    assert [one.photo_id for one in find_alike(copy)] == [first.id]
    mine = select(PhotoLikeness.number).where(PhotoLikeness.sha256 == copy.sha256).scalar_subquery()
    assert db.session.execute(keys.where(LikenessKey.number != mine)).all() == before
    assert set(db.session.scalars(select(PhotoLikeness.version))) == {likeness.VERSION}


def test_a_renewed_key_takes_no_more_than_any_other(received):
    received(room(1))
    received(room(1), quality=95)
    catch_up(storage())
    with transaction():
        db.session.execute(LikenessKey.__table__.delete())
        db.session.execute(PhotoLikeness.__table__.update().values(version=1))
    assert likeness_renew.renew(1) == 2
    most = select(func.count()).select_from(LikenessKey).group_by(LikenessKey.key)
    assert max(db.session.scalars(most)) == 1
    assert likeness_renew.renew(1) == 0


def test_the_command_says_how_many(app, received):
    received(room(1))
    answer = app.test_cli_runner().invoke(args=["photos", "likeness"])
    assert "1 pictures compared." in answer.output


def test_beside_a_server_it_ends_when_the_server_is_gone(app, received):
    received(room(1))
    answer = app.test_cli_runner().invoke(args=["photos", "likeness", "--beside", "1073741824"])  # nobody's number
    assert answer.exit_code == 0
    assert catch_up(storage()) == 1  # it did not even begin
