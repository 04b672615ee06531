"""What a copy of a photo has in common with it, and what two different photos have not."""

import random

import pytest
from PIL import Image, ImageOps

from app.photos import likeness, likeness_compare, likeness_work
from app.photos.likeness import Places
from tools.reuse.copies import brighter, crop, jpeg, smaller, stamped, stripped, turned
from tools.reuse.scenes import photo

LEAST = likeness_work.LEAST_AGREEMENT


@pytest.fixture(scope="module")
def room():
    return photo(0, 1)[1]


def agreement(one: Image.Image, other: Image.Image, *, mirrored: bool = False) -> float:
    """0 where the places do not even lie the same way."""
    base, other_base = likeness.base_of(one), likeness.base_of(other)
    places = likeness.places_of(base)
    if mirrored:
        base, places = ImageOps.mirror(base), places.mirrored()
    kept = Places.unpack(likeness.places_of(other_base).pack())
    fit = likeness_compare.fit(places, kept)
    return likeness_compare.agreement(base, other_base, fit) if fit else 0.0


@pytest.mark.parametrize(
    "change",
    [
        lambda image: crop(image, 0.3, random.Random(2)),
        lambda image: jpeg(image, 30),
        lambda image: smaller(image, 0.4),
        lambda image: brighter(image, 0.7),
        lambda image: brighter(image, 1.3),
        lambda image: turned(image, 3),
        stamped,
    ],
    ids=["crop", "jpeg", "smaller", "darker", "brighter", "turned", "stamped"],
)
def test_a_changed_copy_agrees_with_its_photo(room, change):
    assert agreement(change(room), room) >= LEAST


def test_a_mirrored_copy_agrees_when_it_is_mirrored_back(room):
    copy = crop(ImageOps.mirror(room), 0.1, random.Random(3))
    assert agreement(copy, room) < LEAST <= agreement(copy, room, mirrored=True)


@pytest.mark.parametrize("number", [0, 8, 12, 16])
def test_a_second_shot_from_a_step_aside_is_another_photo(number):
    (first, one), (second, other) = photo(number, 1), photo(number + 1, 1)
    assert first == second == "room"
    assert agreement(one, other) < LEAST


@pytest.mark.parametrize("number", [14, 18, 6, 2])
def test_one_form_filled_in_twice_one_app_tiles_and_goods_are_different_photos(number):
    assert agreement(photo(number, 1)[1], photo(number + 1, 1)[1]) < LEAST


def test_a_bare_wall_has_nothing_to_recognise():
    wall = Image.new("RGB", (640, 480), (240, 240, 238))
    places = likeness.places_of(likeness.base_of(wall))
    assert len(places) == 0
    assert likeness_compare.keys_of(places) == likeness_compare.keys_to_ask(places) == []
    assert likeness_compare.fit(places, Places.unpack(places.pack())) is None


def test_places_are_kept_in_thirteen_bytes_each_and_read_as_they_were(room):
    places = likeness.places_of(likeness.base_of(room))
    packed = places.pack()
    kept = Places.unpack(packed)
    assert len(packed) == 6 + 13 * len(places)
    assert (kept.signs == places.signs).all()
    assert abs(kept.x - places.x).max() < 0.01
    assert abs(kept.size / places.size - 1).max() < 0.02


def test_mirrored_twice_is_as_it_was(room):
    places = likeness.places_of(likeness.base_of(room))
    twice = places.mirrored().mirrored()
    assert (twice.signs == places.signs).all()
    assert abs(twice.x - places.x).max() < 0.001


def test_pictures_of_any_proportion_can_be_described():
    for size in ((3000, 40), (40, 3000), (9, 9), (1, 1)):
        picture = Image.effect_noise(size, 60)
        assert likeness.places_of(likeness.base_of(picture)).width >= 1


@pytest.mark.parametrize("name", ["DSCN0010.jpg", "DSCN0021.jpg", "portrait_6.jpg"])
def test_copies_of_a_real_photo_agree_with_it(real, name):
    image = Image.open(real(name)).convert("RGB")
    dice = random.Random(name)
    for copy in (crop(image, 0.3, dice), jpeg(image, 30), brighter(image, 1.3), turned(image, 3), stripped(image)):
        assert agreement(copy, image) >= LEAST


def test_a_picture_and_its_mirror_image_stand_under_keys_that_differ_in_one_bit(room):
    places = likeness.places_of(likeness.base_of(room))
    for keys_of in (likeness_compare.keys_of, likeness_compare.keys_to_ask):
        turned_round = sorted(key ^ likeness_compare.MIRRORED for key in keys_of(places))
        assert keys_of(places.mirrored()) == turned_round
