"""A browser small enough for the demo: cookies, links and forms over the standard library."""

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar

PATIENCE = 120  # seconds


class DemoFailed(Exception):
    """The main job did not go through; the text says where."""


@dataclass
class Form:
    """A form of a page: its address and the values it would send untouched."""

    action: str
    id: str = ""
    values: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class Page:
    """A fetched page: `path` on the server, its forms, its links as (address, text)."""

    path: str
    html: str
    forms: list[Form] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    csrf: str = ""

    def form(self, form_id: str) -> Form:
        """The form with this id. Raises DemoFailed when the page has none."""
        for form in self.forms:
            if form.id == form_id:
                return form
        raise DemoFailed(f"{self.path} has no form {form_id}")

    def text_of(self, css_class: str) -> str:
        """The text behind a class name, roughly: for error messages."""
        start = self.html.find(f'class="{css_class}"')
        parser = _Text()
        parser.feed(self.html[start - 10 : start + 1200] if start > 0 else "")
        return " ".join("".join(parser.parts).split())[:300]


class Browser:
    """Keeps the session of one person at one server. `url` has no slash at its end."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._open = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._csrf = ""

    def get(self, path: str, **query: str) -> Page:
        address = self._address(path) + (f"?{urllib.parse.urlencode(query)}" if query else "")
        return self._page(urllib.request.Request(address))

    def submit(self, page: Page, action: str, values: dict[str, str]) -> Page:
        """Send the page's form for `action` with `values` in place of its own; follows redirects."""
        form = next((f for f in page.forms if f.action.split("?")[0] == action), Form(action))
        pairs = [(name, value) for name, value in form.values if name not in values] + list(values.items())
        if not any(name == "csrf_token" for name, _value in pairs):
            pairs.append(("csrf_token", page.csrf or self._csrf))
        return self._page(urllib.request.Request(self._address(action), urllib.parse.urlencode(pairs).encode()))

    def send_photo(self, path: str, body: bytes, name: str) -> tuple[int, dict[str, str]]:
        """One photo as the request's body, as the phone's script sends it. Returns status and the JSON answer."""
        headers = {
            "Content-Type": "application/octet-stream",
            "X-CSRFToken": self._csrf,
            "X-File-Name": urllib.parse.quote(name),
            "X-Purpose": "finding",
            "X-Source": "gallery",
            "Accept": "application/json",
        }
        request = urllib.request.Request(self._address(path), body, headers)
        try:
            with self._open.open(request, timeout=PATIENCE) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            try:
                return error.code, json.load(error)
            except ValueError:
                return error.code, {}

    def fetch(self, path: str) -> bytes:
        try:
            with self._open.open(self._address(path), timeout=PATIENCE) as response:
                return bytes(response.read())
        except urllib.error.HTTPError as error:
            raise DemoFailed(f"{path} answered {error.code}") from None

    def _address(self, path: str) -> str:
        if "://" in path:  # the server's own idea of its address; this session talks to `url`
            path = urllib.parse.urlsplit(path).path
        return self.url + path

    def _page(self, request: urllib.request.Request) -> Page:
        try:
            with self._open.open(request, timeout=PATIENCE) as response:
                html, address = response.read().decode(), response.geturl()
        except urllib.error.HTTPError as error:
            if error.code != 422:
                raise DemoFailed(f"{request.full_url} answered {error.code}") from None
            html, address = error.read().decode(), request.full_url
        except OSError as error:
            raise DemoFailed(f"no server at {self.url} ({error}). Start one with: make serve") from None
        page = _read(html, urllib.parse.urlsplit(address).path)
        self._csrf = page.csrf or self._csrf
        return page


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


class _Reader(HTMLParser):
    """Collects what a person could tap or send."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.form: Form | None = None
        self.link: tuple[str, list[str]] | None = None
        self.textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = Form(a.get("action") or self.page.path, a.get("id", ""))
            self.page.forms.append(self.form)
        elif tag == "input":
            self._input(a)
        elif tag == "a" and a.get("href"):
            self.link = (a["href"], [])
        elif tag == "meta" and a.get("name") == "csrf-token":
            self.page.csrf = a.get("content", "")

    def _input(self, a: dict[str, str]) -> None:
        unchosen = a.get("type") in {"checkbox", "radio"} and "checked" not in a
        if self.form is not None and a.get("name") and a.get("type") != "file" and not unchosen:
            self.form.values.append((a["name"], a.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "a" and self.link is not None:
            self.page.links.append((self.link[0], "".join(self.link[1])))
            self.link = None

    def handle_data(self, data: str) -> None:
        if self.link is not None:
            self.link[1].append(data)


def _read(html: str, path: str) -> Page:
    page = Page(path, html)
    _Reader(page).feed(html)
    return page
