"""Measure, print the table, write bench.json and docs/speed.md. A missed target ends with status 1."""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask

from app.core import clock
from app.core.settings import project_root
from tools.bench import (
    answers,
    lighthouse,
    likeness,
    lists,
    paper,
    phone,
    photos,
    records,
    sends,
    serving,
    weights,
)
from tools.bench.places import make_app
from tools.bench.report import Figure, table, write_json, write_markdown

Part = Callable[[], list[Figure]]


def main() -> int:
    """Run the parts that were asked for."""
    asked = _arguments()
    logging.disable(logging.WARNING)
    busy = os.getloadavg()[0]
    figures: list[Figure] = []
    for name, part in _parts(quick=asked.quick):
        if asked.only and name not in asked.only:
            continue
        print(f"… {name}", flush=True)
        try:
            figures += part()
        except Exception as error:  # noqa: BLE001 - one part that fails must not hide the others
            figures.append(Figure.missing(name, f"{type(error).__name__}: {error}"[:300]))
    print("\n" + table(figures))
    write_json(figures, asked.out)
    if not asked.quick and not asked.only:
        write_markdown(asked.out, project_root() / "docs/speed.md", clock.today().isoformat(), busy)
    return 0 if asked.quick or all(one.met for one in figures) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="small and short: only to see that everything runs"
    )
    parser.add_argument(
        "--only", action="append", choices=PARTS, help="this part; may be given several times"
    )
    parser.add_argument(
        "--out", type=Path, default=project_root() / "bench.json", help="where the figures go"
    )
    return parser.parse_args()


PARTS = ("answers", "lists", "likeness", "photos", "paper", "weights", "lighthouse", "phone", "sends", "records")


def _parts(*, quick: bool) -> Iterator[tuple[str, Part]]:
    yield "lists", lambda: lists.measure(quick=quick)
    yield "records", lambda: records.measure(quick=quick)
    yield "likeness", lambda: likeness.measure(quick=quick)
    with tempfile.TemporaryDirectory(prefix="xuncha-bench-") as name:
        folder = Path(name)
        served = _Served(folder)
        yield "answers", lambda: answers.measure(served.app, folder, served.port, quick=quick)
        yield "photos", lambda: photos.measure(served.app, served.port, served.process, quick=quick)
        yield "paper", lambda: paper.measure(served.app, quick=quick)
        yield "weights", lambda: weights.measure(served.app, served.port)
        yield "lighthouse", lambda: lighthouse.measure(served.app, folder, served.port, quick=quick)
        yield "phone", lambda: phone.measure(served.app, folder, served.port, quick=quick)
        yield "sends", lambda: sends.measure(served.app, served.port, quick=quick)
        served.stop()


class _Served:
    """The product on a fresh demo county, started when the first part asks for it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._context = folder / "data", None
        self._app: Flask | None = None

    def _start(self) -> None:
        if self._context is None:
            self._context = serving.product(self.folder)
            self._port, self.process = self._context.__enter__()
            self._app = make_app(self.folder)

    @property
    def port(self) -> int:
        self._start()
        return self._port

    @property
    def app(self) -> Flask:
        self._start()
        assert self._app is not None
        return self._app

    def stop(self) -> None:
        if self._context is not None:
            self._context.__exit__(None, None, None)


if __name__ == "__main__":
    sys.exit(main())
