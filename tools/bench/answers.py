"""One answer saved, against a bare Flask route that does one equally durable commit: both over HTTP, side by side."""

import itertools
import re
import statistics
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

from flask import Flask

from tools.bench import load, serving, wire
from tools.bench.places import cookie_of, csrf_of, sign_in
from tools.bench.report import Figure
from tools.bench.visits import COORDINATOR, items_of, open_visits

PHONES = 8
BARE = "a bare Flask route with one durable SQLite commit"
NAME = f"one answer saved, of the rate of {BARE}"
FORM = f"the same for browsers that keep nothing: the answer's own form, of the rate of {BARE}"
WORDS = ("conforms", "not_applicable", "conforms", "not_applicable", "does_not")
BAD = 2  # items that do not conform for a while


def measure(app: Flask, folder: Path, port: int, *, quick: bool) -> list[Figure]:
    """Eight phones at once, each in its own visit; `app` works on the data the server at `port` serves."""
    rounds, seconds = (1, 0.5) if quick else (7, 3.0)
    ways = [(_sent(app, port), wire.refuse_others), (_posted(app, port), load.all_good)]
    bare, ours = list[float](), [list[float](), list[float]()]
    with serving.bare(folder / "bare.db") as bare_port:
        plain = load.request("POST", "/answer", host="127.0.0.1", headers=_FORM, body=b"result=conforms")
        for number in range(rounds + 1):
            reached = [load.rate(bare_port, [lambda: plain] * PHONES, seconds)]
            reached += [
                load.rate(port, [one.__next__ for one in sources], seconds, check) for sources, check in ways
            ]
            if number or quick:  # the first round warms up
                bare.append(reached[0])
                for rates, rate in zip(ours, reached[1:], strict=True):
                    rates.append(rate)
    (sent, told), (posted, also_told) = (_share(rates, bare) for rates in ours)
    return [Figure.at_least(NAME, sent, 40, "%", told), Figure.to_know(FORM, posted, "%", also_told)]


def _share(rates: list[float], bare: list[float]) -> tuple[float, str]:
    """The median share in percent, and both rates in words."""
    share = statistics.median(our / their for our, their in zip(rates, bare, strict=True)) * 100
    both = f"{statistics.median(rates):.0f}/s against {statistics.median(bare):.0f}/s"
    return share, f"{both}, {PHONES} phones at once, 2 workers"


# ---- through the outbox, as every browser does that can keep things


def _sent(app: Flask, port: int) -> list[Iterator[bytes]]:
    visits = [UUID(address.rsplit("/", 1)[1]) for address in open_visits(app, PHONES)]
    return [_sendings(wire.Sender(app, port, COORDINATOR), visit, items_of(app, visit)) for visit in visits]


def _sendings(phone: wire.Sender, visit: UUID, items: list[UUID]) -> Iterator[bytes]:
    """Every item is tapped, again and again with another answer; each tap is sent by itself and follows the last."""
    last: dict[UUID, list[str]] = {item: [] for item in items}
    for word in itertools.cycle(WORDS):
        for item in items if word != "does_not" else items[:BAD]:
            change = phone.change("answer", visit, item, last[item], result=word, sweep=None)
            last[item] = [change["id"]]
            yield phone.sending([change])


# ---- by the page's own forms

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _posted(app: Flask, port: int) -> list[Iterator[bytes]]:
    visits = open_visits(app, PHONES)
    client = sign_in(app, COORDINATOR)
    token = csrf_of(client, visits[0])
    cookie = cookie_of(app, client)
    return [_answers(client.get(visit).get_data(as_text=True), port, token, cookie) for visit in visits]


def _answers(page: str, port: int, token: str, cookie: str) -> Iterator[bytes]:
    """The requests htmx sends when every item is tapped, again and again with another answer."""
    addresses = re.findall(r'hx-post="(/inspections/[^"]+/answer)"', page)
    if not addresses:
        raise RuntimeError("the visit's page offers nothing to answer")
    headers = _FORM | {
        "HX-Request": "true",
        "X-CSRFToken": token,
        "Cookie": cookie,
        "Accept-Encoding": wire.ENCODINGS,
    }
    for word in itertools.cycle(WORDS):
        for address in addresses if word != "does_not" else addresses[:BAD]:
            body = urlencode({"csrf_token": token, "change_id": uuid4(), "result": word}).encode()
            yield load.request("POST", address, host=f"127.0.0.1:{port}", headers=headers, body=body)
