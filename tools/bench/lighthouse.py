"""Lighthouse on its mobile profile, in the real Chromium, against the running server."""

import json
import os
import statistics
import subprocess
from pathlib import Path

from flask import Flask

from app.core.settings import project_root
from tests.fixtures.chromium import find_chromium
from tools.bench.places import cookie_of, sign_in
from tools.bench.report import Figure
from tools.bench.visits import COORDINATOR
from tools.bench.weights import addresses

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
PAGES = (("start page", COORDINATOR), ("inspection", COORDINATOR), ("owner", ""), ("photo log", "jiandu"))
NAMES = {"owner": "notice page (the owner's)"}
NEVER_INDEXABLE = "is-crawlable left out: no search engine may list a notice"


def measure(app: Flask, folder: Path, port: int, *, quick: bool) -> list[Figure]:
    """The lowest of the four categories for each page; each category is the median of three runs."""
    if quick:
        return []
    pages = addresses(app)
    figures = []
    for name, who in PAGES:
        cookie = ""
        if who:
            client = sign_in(app, who)
            client.get("/")
            cookie = cookie_of(app, client)
        runs = [
            _run(f"http://127.0.0.1:{port}{pages[name]}", cookie, folder, skip=name == "owner")
            for _turn in range(3)
        ]
        scores = {category: statistics.median(run[category] for run in runs) for category in CATEGORIES}
        note = ", ".join(f"{category} {score:g}" for category, score in scores.items())
        if name == "owner":
            note += f"; {NEVER_INDEXABLE}"
        lowest = min(scores.values())
        figures.append(
            Figure.at_least(
                f"Lighthouse, mobile, lowest category: {NAMES.get(name, name)}", lowest, 95, "", note
            )
        )
    return figures


def _run(url: str, cookie: str, folder: Path, *, skip: bool) -> dict[str, float]:
    """Scores of one run, 0 to 100 by category."""
    out = folder / "lighthouse.json"
    command = [
        str(project_root() / "node_modules/.bin/lighthouse"),
        url,
        "--quiet",
        "--output=json",
        f"--output-path={out}",
        f"--only-categories={','.join(CATEGORIES)}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    ]
    if cookie:
        headers = folder / "headers.json"
        headers.write_text(json.dumps({"Cookie": cookie}))
        command.append(f"--extra-headers={headers}")
    if skip:
        command.append("--skip-audits=is-crawlable")
    environment = os.environ | {"CHROME_PATH": find_chromium() or ""}
    for _try in range(3):  # on a busy machine Chromium sometimes loses its own trace; that run says nothing
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=180, check=False
        )
        if done.returncode == 0:
            break
    else:
        raise RuntimeError(f"lighthouse: {done.stderr.strip()[-300:]}")
    categories = json.loads(out.read_text())["categories"]
    return {name: round((categories[name]["score"] or 0) * 100) for name in CATEGORIES}
