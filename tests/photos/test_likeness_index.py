"""Photos that were used before are found beside the requests, and only then named."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import ImageOps

from app.core import clock
from app.core.database import transaction
from app.core.ids import new_id
from app.core.storage import storage
from app.photos.intake import Limits, receive_photo, record_photo
from app.photos.likeness_index import Kind, find_alike, is_compared
from app.photos.likeness_work import catch_up
from app.photos.rules import PhotoMeta
from tests.photos.scenes import room

pytestmark = pytest.mark.both_databases


@pytest.fixture
def received(context):
    """Have a picture received by the product as a JPEG; gives its record."""
    at = [clock.now() - timedelta(days=1)]

    def receive(image, quality=90):
        out = BytesIO()
        image.save(out, "JPEG", quality=quality)
        taken = receive_photo(BytesIO(out.getvalue()), storage=storage(), limits=Limits(2**24, 10**8))
        with transaction():
            photo = record_photo(taken, photo_id=new_id(), by=None, meta=PhotoMeta())
            at[0] += timedelta(minutes=1)
            photo.received_at = at[0]
        return photo

    return receive


def test_a_mirrored_crop_of_an_earlier_photo_is_named_with_its_numbers(received):
    first, other = received(room(1)), received(room(2))
    copy = received(ImageOps.mirror(room(1).crop((80, 60, 760, 560))), quality=60)
    assert not is_compared(copy)
    assert catch_up(storage()) == 3
    assert is_compared(copy)
    (found,) = find_alike(copy)
    assert (found.photo_id, found.kind, found.mirrored) == (first.id, Kind.ALIKE, True)
    assert found.places >= 5
    assert found.agreement > 0.9
    assert find_alike(first) == find_alike(other) == []


def test_the_very_same_bytes_are_named_at_once_and_their_copies_once_compared(received):
    first = received(room(3))
    again = received(room(3))
    assert [(one.photo_id, one.kind) for one in find_alike(again)] == [(first.id, Kind.SAME_BYTES)]
    smaller = received(room(3).resize((400, 300)))
    assert catch_up(storage()) == 2  # one picture was sent twice
    assert [one.photo_id for one in find_alike(smaller)] == [first.id, again.id]
    assert catch_up(storage()) == 0
