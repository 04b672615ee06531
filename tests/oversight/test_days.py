"""A place over time and a person's day: order, distances, the drawing with and without a map server."""

import math
import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.accounts.models import Person
from app.core.database import db
from app.core.roles import Role
from app.core.settings import MissingSetting, Settings
from app.inspections.models import Inspection
from app.oversight.datum import from_gcj, to_gcj
from app.oversight.mapping import DEEPEST, FOOT, HEIGHT, WIDTH, Mark, Point, Source, draw_day
from app.photos.models import Purpose
from app.premises.models import Premises
from app.premises.rules import metres_between
from tests.factories.people import County
from tests.fixtures.signing_in import SignIn
from tests.fixtures.statements import statements
from tests.oversight.factory import MORNING, Log, make_photo, make_visit

# WGS 84 → GCJ-02 as published with eviltransform: Shanghai, Shenzhen, Beijing
PUBLISHED = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
]


@pytest.mark.parametrize(("wgs", "gcj"), PUBLISHED)
def test_chinese_maps_are_shifted_as_published(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert to_gcj(*wgs) == pytest.approx(gcj, abs=1e-9)
    assert from_gcj(*gcj) == pytest.approx(wgs, abs=1e-8)


@given(st.floats(18.5, 53.0), st.floats(74.0, 134.5))
@settings(max_examples=150, deadline=None)
def test_there_and_back_is_the_same_place(latitude: float, longitude: float) -> None:
    there = to_gcj(latitude, longitude)
    assert metres_between(latitude, longitude, *from_gcj(*there)) < 0.01
    assert 20 < metres_between(latitude, longitude, *there) < 1000


@pytest.mark.parametrize("abroad", [(48.8584, 2.2945), (-33.86, 151.21), (40.7, -74.0)])
def test_abroad_nothing_is_shifted(abroad: tuple[float, float]) -> None:
    assert to_gcj(*abroad) == abroad == from_gcj(*abroad)


near = st.tuples(st.floats(29.9, 30.1), st.floats(119.9, 120.1))


@given(st.lists(near, min_size=1, max_size=12), st.sampled_from(["", "https://tiles.example/{z}/{x}/{y}.png"]))
@settings(max_examples=120, deadline=None)
def test_every_stop_lies_in_the_picture_and_the_scale_is_true(places: list[tuple[float, float]], tiles: str) -> None:
    drawn = draw_day([Point(number, *place) for number, place in enumerate(places, 1)], Source(tiles))
    assert drawn is not None
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT - FOOT for x, y in drawn.way)
    assert sorted(number for mark in drawn.marks for number in mark.numbers) == list(range(1, len(places) + 1))
    for (one, two), (a, b) in zip(pairwise(places), pairwise(drawn.way), strict=True):
        units = math.dist(a, b) * drawn.bar_metres / drawn.bar
        assert units == pytest.approx(metres_between(*one, *two), rel=0.02, abs=3 * drawn.bar_metres / drawn.bar)


def test_tiles_cover_the_picture_and_lie_where_the_world_says() -> None:
    source = Source("https://tiles.example/{z}/{x}/{y}.png", "wgs84", "© Example")
    drawn = draw_day([Point(1, 31.1774276, 121.5272106)], source)
    assert drawn is not None and drawn.credit == "© Example"
    assert min(tile.x for tile in drawn.tiles) <= 0 and max(tile.x for tile in drawn.tiles) + 256 >= WIDTH
    assert min(tile.y for tile in drawn.tiles) <= 0 and max(tile.y for tile in drawn.tiles) + 256 >= HEIGHT
    # the slippy-map formula of the OpenStreetMap wiki, for the tile under the stop
    n, latitude = 2**DEEPEST, math.radians(31.1774276)
    x = int((121.5272106 + 180) / 360 * n)
    y = int((1 - math.log(math.tan(latitude) + 1 / math.cos(latitude)) / math.pi) / 2 * n)
    under = [tile for tile in drawn.tiles if 0 <= WIDTH / 2 - tile.x < 256 and 0 <= (HEIGHT - FOOT) / 2 - tile.y < 256]
    assert [tile.url for tile in under] == [f"https://tiles.example/{DEEPEST}/{x}/{y}.png"]
    shifted = draw_day([Point(1, 31.1774276, 121.5272106)], Source(source.address, "gcj02"))
    assert shifted is not None and shifted.tiles != drawn.tiles, "a Chinese map is asked for the shifted place"


@pytest.mark.parametrize(
    ("numbers", "text"), [((2,), "2"), ((1, 6, 12), "1·6·12"), ((4, 5, 6, 7), "4–7"), ((2, 8, 9, 14), "2·8…")]
)
def test_a_mark_names_no_stop_that_is_elsewhere(numbers: tuple[int, ...], text: str) -> None:
    assert Mark(numbers, 0, 0).text == text


def test_no_position_no_drawing() -> None:
    assert draw_day([]) is None


@pytest.mark.both_databases
def test_a_day_in_its_order_with_distances_and_times(tour: Person, sign_in: SignIn) -> None:
    page = sign_in(Role.SUPERVISOR).page(f"/photo-log/people/{tour.id}?on=2026-11-20")
    stops = [item.text for item in page.all("li") if item["class"] == "stop"]
    names = ["一号店", "二号店", "三号店"]
    assert [name for stop in stops for name in names if name in stop] == names
    assert "09:00 – 09:20" in stops[0] and "画的是场所位置" in stops[0] and "无位置" in stops[2]
    ways = [item.text for item in page.all("li") if item["class"] == "stop-way"]
    assert "1.0 km" in ways[0] and "间隔 40 分钟" in ways[0] and "km" not in ways[1]
    svg = page.all("svg")
    assert any(one["class"] == "map" for one in svg) and not page.all("image")
    empty = sign_in(Role.SUPERVISOR).page(f"/photo-log/people/{tour.id}?on=2026-11-19")
    assert "这一天没有到访" in empty.text
    assert any("on=2026-11-20" in link["href"] for link in empty.all("a")), "the next day with a visit is one tap away"


def test_a_map_server_is_named_to_the_browser_only_where_it_is_set(
    tour: Person, app: Flask, sign_in: SignIn
) -> None:
    url, client = f"/photo-log/people/{tour.id}?on=2026-11-20", sign_in(Role.SUPERVISOR)
    assert "tiles.example" not in client.get(url).headers["Content-Security-Policy"]
    tiles = "https://tiles.example/{z}/{x}/{y}.png"
    app.extensions["settings"] = replace(app.extensions["settings"], map_tiles=tiles, map_datum="gcj02")
    answer = client.get(url)
    assert "img-src 'self' https://tiles.example data:" in answer.headers["Content-Security-Policy"]
    assert 'href="https://tiles.example/' in answer.get_data(as_text=True)


STYLE = "https://tiles.example:8443/styles/town/style.json?key=1"


def test_a_vector_map_is_loaded_by_this_page_alone_and_reaches_its_server_alone(
    tour: Person, app: Flask, sign_in: SignIn
) -> None:
    url, worker = f"/photo-log/people/{tour.id}?on=2026-11-20", "/photo-log/map-worker.mjs"
    client = sign_in(Role.SUPERVISOR)
    assert "maplibre" not in client.get(url).get_data(as_text=True)
    assert client.get(worker).status_code == 404
    app.extensions["settings"] = replace(app.extensions["settings"], map_tiles=STYLE, map_datum="gcj02")
    answer = client.get(url)
    rules = answer.headers["Content-Security-Policy"]
    assert "connect-src 'self' https://tiles.example:8443;" in rules and rules.count("tiles.example") == 1
    page = answer.get_data(as_text=True)
    assert "maplibre-gl.mjs" in page and "<image" not in page, "the drawing is there, with no picture tile"
    latitude, longitude = to_gcj(30.0, 120.0)
    assert f'data-at="{longitude},{latitude}"' in page, "on a Chinese map the stop stands where that map has it"
    named = re.search(rf'data-worker="({worker}\?v=\w+)"', page)
    assert named
    script = client.get(named[1])
    assert script.headers["Content-Security-Policy"] == "default-src 'none'; connect-src https://tiles.example:8443"
    for other in ("/photo-log", f"/photo-log/people/{tour.id}?on=2026-11-19", "/sw.js"):
        assert "maplibre" not in client.get(other).get_data(as_text=True), other


@pytest.mark.parametrize("address", ["", STYLE, "http://10.0.0.5:8080/{z}/{x}/{y}.png", "https://a.example/?t={x}/{y}/{z}"])
def test_a_map_is_picture_tiles_or_a_style(address: str, tmp_path: Path) -> None:
    known = Settings.from_env({"XUNCHA_DATA": str(tmp_path), "XUNCHA_MAP_TILES": address, "XUNCHA_MAP_DATUM": "GCJ-02"})
    assert (known.map_tiles, known.map_datum) == (address, "gcj02")


@pytest.mark.parametrize(
    "given",
    [
        {"XUNCHA_MAP_TILES": "tiles.example/style.json"},
        {"XUNCHA_MAP_TILES": "https://tiles.example; script-src */style.json"},
        {"XUNCHA_MAP_TILES": "https://tiles.example/{z}/{x}.png"},
        {"XUNCHA_MAP_TILES": "https://tiles.example/{z}/{x}/{y}.pbf?key=1"},
        {"XUNCHA_MAP_DATUM": "bd09"},
    ],
)
def test_a_map_nobody_could_draw_stops_the_start_with_one_line(given: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(MissingSetting, match=next(iter(given))):
        Settings.from_env({"XUNCHA_DATA": str(tmp_path), **given})


@pytest.mark.both_databases
def test_a_place_over_time_has_its_pairs_of_then_and_now(log: Log, app: Flask, sign_in: SignIn, county: County) -> None:
    client = sign_in(Role.SUPERVISOR)
    with app.app_context():
        visit = db.session.get_one(Inspection, log.visit_id)
        before = db.session.get_one(Premises, log.premises_id)
        again = make_photo(visit, colour="navy", in_answer_to_id=log.north[3], purpose=Purpose.AFTER)
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        for number in range(12):
            make_visit(before, by, MORNING - timedelta(days=number))
        db.session.commit()
        wanted = again.photo_id
    page = client.page(f"/photo-log/places/{log.premises_id}")
    shown = [image["src"] for image in page.all("img") if "/plain" in image["src"]]
    assert len(shown) == 2 and str(log.north[3]) in shown[0] and str(wanted) in shown[1]
    older = next(link["href"] for link in page.all("a") if "before=" in link["href"])
    with statements(app) as first:
        client.page(f"/photo-log/places/{log.premises_id}")
    with statements(app) as second:
        assert client.page(older).all("h2")
    assert len(second) <= len(first) <= 24


def test_visits_begun_in_one_moment_all_stand_on_some_page_of_their_place(
    log: Log, app: Flask, sign_in: SignIn, county: County
) -> None:
    """Phones that were without signal may send several with one time."""
    with app.app_context():
        place = db.session.get_one(Premises, log.premises_id)
        by = db.session.get_one(Person, county.person(Role.COORDINATOR).id)
        wanted = {str(make_visit(place, by, MORNING).id) for _n in range(23)}
        db.session.commit()
    client, address, shown = sign_in(Role.SUPERVISOR), f"/photo-log/places/{log.premises_id}", set[str]()
    while address:
        page = client.page(address)
        links = [str(link["href"]) for link in page.all("a")]
        shown |= {link.rsplit("/", 1)[1] for link in links if link.startswith("/inspections/")}
        address = next((link for link in links if "before=" in link), "")
    assert wanted <= shown


def test_another_areas_people_and_places_are_not_there(log: Log, sign_in: SignIn, county: County) -> None:
    client = sign_in(Role.COORDINATOR)
    assert client.get(f"/photo-log/people/{county.neighbour.id}").status_code == 403
    assert client.get(f"/photo-log/places/{log.premises_id}").status_code == 403
