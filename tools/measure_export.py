"""How much memory an export of photos takes: the whole way from the list of ids to the last byte of the ZIP.

    .venv/bin/python -m tools.measure_export [photos …]

Invents photos in a database of its own and throws them away. Every original is the same small file; the size of
originals does not matter, they pass by in chunks of 256 kB (tests/oversight/test_export.py holds that).
"""

import resource
import sys
import tempfile
import time
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from app import create_app
from app.accounts.regions import Region
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.settings import Settings
from app.core.storage import storage
from app.inspections.models import Inspection, InspectionPhoto
from app.oversight import exporting, packing, queries
from app.oversight.queries import Filters
from app.photos.models import Photo
from app.premises.models import Premises
from tests.factories.people import make_county
from tests.factories.premises import make_premises


def taken() -> float:
    """The memory this process takes now, in MB; where the system does not tell (macOS), the most so far."""
    told = Path("/proc/self/statm")
    if told.exists():
        return int(told.read_text().split()[1]) * resource.getpagesize() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def invent(photos: int) -> Region:
    county = make_county()
    place = make_premises(county.villages[0], "青禾小饭馆(演示)", latitude=30.0, longitude=120.0)
    by, now = county.neighbour, clock.now()
    visit = Inspection(
        id=new_id(), premises_id=place.id, organisation_id=by.organisation_id, lead_id=by.id, started_at=now,
        **_area(place),
    )  # fmt: skip
    db.session.add(visit)
    db.session.flush()
    stored = storage().put_stream(BytesIO(b"\xff\xd8" + bytes(40_000)), ".jpg")
    area = _area(place)
    for start in range(0, photos, 1000):
        ids = [new_id() for _ in range(start, min(photos, start + 1000))]
        at = [now - timedelta(minutes=start + step) for step in range(len(ids))]
        pictures = [
            {"id": one, "sha256": stored.sha256, "size": stored.size, "media_type": "image/jpeg", "width": 64,
             "height": 48, "storage_key": stored.key, "exif": {}, "received_at": when, "uploaded_by_id": by.id,
             "device": "vivo V2230A", "original_name": "IMG_20261122_140301.jpg"}
            for one, when in zip(ids, at, strict=True)
        ]  # fmt: skip
        rows = [
            {"photo_id": one, "inspection_id": visit.id, "premises_id": place.id, "inspector_id": by.id,
             "received_at": when, "domain": "catering", "severity": "B", **area}
            for one, when in zip(ids, at, strict=True)
        ]  # fmt: skip
        db.session.execute(insert(Photo), pictures)
        db.session.execute(insert(InspectionPhoto), rows)
    db.session.commit()
    return county.region


def _area(place: Premises) -> dict[str, Any]:
    return {name: getattr(place, name) for name in ("region_id", "county_id", "township_id", "village_id")}


def measure(photos: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        known = Settings(
            data_dir=Path(folder), secret_key="s" * 40, password_salt="p" * 40,
            database_url=f"sqlite:///{folder}/x.db", storage_url=f"file://{folder}/files", testing=True,
        )  # fmt: skip
        app = create_app(known)
        with app.app_context():
            db.create_all()
            region = invent(photos)
            db.session.expunge_all()
        with app.test_request_context():
            before, begun = taken(), time.perf_counter()
            ids = queries.keys_to_export(Filters(region), photos)
            spool = exporting.spooled(ids, region)
            first = time.perf_counter() - begun
            package = packing.Package(
                spool, exporting.columns(), packing.state_words(), storage(), known, clock.now(), {}, ""
            )
            most, sent = taken(), 0
            for number, chunk in enumerate(packing.zip_of(package)):
                sent += len(chunk)
                most = max(most, taken()) if number % 500 == 0 else most
            most = max(most, taken())
        took = time.perf_counter() - begun
        print(
            f"{photos:>6} photos: {sent / 1e6:8.1f} MB sent in {took:5.1f} s, first byte after {first:4.1f} s, "
            f"memory {before:5.1f} MB before, {most - before:+.1f} MB at the most"
        )


if __name__ == "__main__":
    for number in map(int, sys.argv[1:] or ("20000",)):
        measure(number)
