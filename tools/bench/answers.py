"""One answer saved, against a bare Flask route that does one equally durable commit: both over HTTP, side by side."""

import itertools
import re
import statistics
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from flask import Flask

from tools.bench import load, serving
from tools.bench.places import cookie_of, csrf_of, sign_in
from tools.bench.report import Figure
from tools.bench.visits import COORDINATOR, open_visits

PHONES = 8
NAME = "one answer saved, of the rate of a bare Flask route with one durable SQLite commit"
WORDS = ("conforms", "not_applicable", "conforms", "not_applicable", "does_not")


def measure(app: Flask, folder: Path, port: int, *, quick: bool) -> list[Figure]:
    """Eight phones at once, each in its own visit; `app` works on the data the server at `port` serves."""
    rounds, seconds = (1, 0.5) if quick else (7, 3.0)
    visits = open_visits(app, PHONES)
    client = sign_in(app, COORDINATOR)
    token = csrf_of(client, visits[0])
    sources = [
        _answers(client.get(visit).get_data(as_text=True), port, token, cookie_of(app, client))
        for visit in visits
    ]
    ours, theirs = [], []
    with serving.bare(folder / "bare.db") as bare_port:
        plain = load.request("POST", "/answer", host="127.0.0.1", headers=_FORM, body=b"result=conforms")
        for number in range(rounds + 1):
            pair = (
                load.rate(bare_port, [lambda: plain] * PHONES, seconds),
                load.rate(port, [source.__next__ for source in sources], seconds),
            )
            if number or quick:  # the first round warms up
                theirs.append(pair[0])
                ours.append(pair[1])
    share = statistics.median(our / their for our, their in zip(ours, theirs, strict=True)) * 100
    rates = f"{statistics.median(ours):.0f}/s against {statistics.median(theirs):.0f}/s"
    return [Figure.at_least(NAME, share, 40, "%", f"{rates}, {PHONES} phones at once, 2 workers")]


_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _answers(page: str, port: int, token: str, cookie: str) -> Iterator[bytes]:
    """The requests htmx sends when every item is tapped, again and again with another answer."""
    addresses = re.findall(r'hx-post="(/inspections/[^"]+/answer)"', page)
    if not addresses:
        raise RuntimeError("the visit's page offers nothing to answer")
    headers = _FORM | {
        "HX-Request": "true",
        "X-CSRFToken": token,
        "Cookie": cookie,
        "Accept-Encoding": "gzip, br",
    }
    for word in itertools.cycle(WORDS):
        for address in addresses if word != "does_not" else addresses[:2]:
            body = urlencode({"csrf_token": token, "change_id": uuid4(), "result": word}).encode()
            yield load.request("POST", address, host=f"127.0.0.1:{port}", headers=headers, body=body)
