"""`python -m app.demo --url … --photos … --out …`: the main job over HTTP against a running server.

Prints which photos were refused and why, then `notice: <public URL>`; writes notice.pdf, notice-80mm.pdf,
notice-58mm.pdf and qr.png. Ends with status 1 and one clear line when something does not work.
"""

import argparse
import base64
import hashlib
import sys
from pathlib import Path
from uuid import uuid4

from app.demo import data
from app.demo.browser import Browser, DemoFailed, Page
from app.demo.pictures import draw_signature

PLACE = "松岭农家乐"
FINDINGS = ("CAT-06", "CAT-09", "FIR-07")  # two for a date, and one of another domain
PAPERS = {"notice.pdf": "a4.pdf", "notice-80mm.pdf": "80mm.pdf", "notice-58mm.pdf": "58mm.pdf", "qr.png": "qr.png"}


def main() -> int:
    options = _options()
    browser = Browser(options.url)
    try:
        _sign_in(browser, options.login, options.password)
        visit = _start_visit(browser)
        _record_findings(browser, visit)
        _send_photos(browser, visit, Path(options.photos))
        notice = _finish_and_issue(browser, visit)
        _fetch_papers(browser, notice, Path(options.out))
    except DemoFailed as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--photos", default="../shared/photos")
    parser.add_argument("--out", default="demo-out")
    parser.add_argument("--login", default="xieguan")
    parser.add_argument("--password", default=data.PASSWORD)
    return parser.parse_args()


def _sign_in(browser: Browser, login: str, password: str) -> None:
    page = browser.get("/sign-in")
    page = browser.submit(page, "/sign-in", {"login": login, "password": password, "next": "/me"})
    if page.path.startswith("/sign-in"):
        raise DemoFailed(f"{login} could not sign in; is this a server with the demo data?")
    print(f"signed in as {login}")


def _start_visit(browser: Browser) -> Page:
    listed = browser.get("/premises", q=PLACE)
    place = next((link for link, text in listed.links if PLACE in text and "/premises/" in link), None)
    if place is None:
        raise DemoFailed(f"the place {PLACE} is not in the register; is this a server with the demo data?")
    page = browser.get(place)
    visits = [link for link, _text in page.links if link.startswith("/inspections/") and "photos" not in link]
    if any(form.action == "/inspections" for form in page.forms):
        page = browser.submit(page, "/inspections", {"inspection_id": str(uuid4())})
    elif visits:
        page = browser.get(visits[0])  # the one this person left open here
    print(f"visit of {PLACE}: {browser.url}{page.path}")
    return page


def _record_findings(browser: Browser, visit: Page) -> None:
    for code in FINDINGS:
        answer = visit.form(f"answer-{code}")
        browser.submit(visit, answer.action, {"result": "does_not"})
        base = answer.action.removesuffix("/answer")
        browser.submit(visit, f"{base}/note", {"phrases": "0", "note": "演示:按清单逐项看到的情况"})
    print(f"{len(FINDINGS)} findings recorded")


def _send_photos(browser: Browser, visit: Page, folder: Path) -> None:
    """Every file goes to the server, which decides whether it is a photo; each finding gets at least one."""
    if not folder.is_dir():
        raise DemoFailed(f"there is no folder {folder}; give one with PHOTOS=")
    accepted = 0
    for path in sorted(p for p in folder.iterdir() if p.is_file()):
        code = FINDINGS[accepted % len(FINDINGS)]
        target = visit.form(f"answer-{code}").action.removesuffix("/answer") + f"/photos/{uuid4()}"
        body = path.read_bytes()
        status, answer = browser.send_photo(target, body, path.name)
        if status == 201 and answer.get("sha256") == hashlib.sha256(body).hexdigest():
            accepted += 1
            print(f"photo received: {path.name} ({len(body) / 1e6:.1f} MB, sha256 {answer['sha256'][:8]}…)")
        else:
            print(f"photo refused:  {path.name}: {answer.get('error') or f'status {status}'}")
    if accepted < len(FINDINGS):
        raise DemoFailed(f"{accepted} photos were taken; the visit needs {len(FINDINGS)}. Give a folder with PHOTOS=")


def _finish_and_issue(browser: Browser, visit: Page) -> str:
    browser.submit(visit, f"{visit.path}/rest-conforms", {"change_id": str(uuid4())})
    finish = browser.get(f"{visit.path}/finish")
    signature = "data:image/png;base64," + base64.b64encode(draw_signature(7)).decode()
    done = browser.submit(
        finish,
        f"{visit.path}/finish",
        {"receipt": "signed", "signer_name": "示范老板丙", "signature": signature, "change_id": str(uuid4())},
    )
    if done.path.endswith("/finish"):
        raise DemoFailed("the visit could not be finished: " + done.text_of("errors"))
    choose = browser.get(f"{visit.path}/notice")
    preview = browser.submit(choose, f"{visit.path}/notice/preview", {})
    notice = browser.submit(preview, f"{visit.path}/notice", {})
    if not notice.path.startswith("/notices/"):
        raise DemoFailed("the notice could not be issued: " + notice.text_of("errors"))
    public = next((link for link, _text in notice.links if "/n/" in link), None)
    if public is None:
        raise DemoFailed("the notice's page shows no public address")
    browser.get(public)
    print(f"notice: {public if '://' in public else browser.url + public}")
    return notice.path


def _fetch_papers(browser: Browser, notice: str, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, address in PAPERS.items():
        body = browser.fetch(f"{notice}/{address}")
        (out / name).write_bytes(body)
        print(f"written: {out / name} ({len(body) / 1000:.0f} KB)")


if __name__ == "__main__":
    sys.exit(main())
