"""The look keeps its promises: icons exist, colours hold outdoors, pages stay light."""

import gzip
import re
import runpy
from pathlib import Path

import brotli
import pytest

ROOT = Path(__file__).resolve().parents[2]
ICONS: dict[str, str] = runpy.run_path(str(ROOT / "tools" / "vendor.py"))["ICONS"]
CSS = (ROOT / "static" / "css" / "base.css").read_text(encoding="utf-8")
GROUNDS = ("paper", "ground", "brand-soft", "red-soft", "amber-soft", "blue-soft")


def _luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    full = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(full[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _tokens() -> tuple[dict[str, str], dict[str, str]]:
    """The colours of the light and of the dark page."""
    light, dark = CSS.split("@media (prefers-color-scheme: dark)")[:2]
    read = re.compile(r"--([\w-]+): (#[0-9a-f]{3,6})\b")
    first = dict(read.findall(light))
    return first, first | dict(read.findall(dark.split("*, *::before")[0]))


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    named: set[str] = set()
    for path in ROOT.glob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"""\bicon\(\s*["']([\w-]+)""", text))
        named |= set(re.findall(r"""icon_name\s*=\s*["']([\w-]+)""", text))
    assert named - ICONS.keys() == set()


def test_text_on_light_pages_holds_seven_to_one_outdoors() -> None:
    light, _ = _tokens()
    pairs = [
        (text, ground) for text in ("ink", "soft", "brand", "red", "amber", "blue") for ground in GROUNDS
    ]
    pairs += [("on-fill", "fill"), ("on-red", "red-fill"), ("on-go", "go")]
    assert [pair for pair in pairs if _contrast(light[pair[0]], light[pair[1]]) < 7] == []


def test_text_on_dark_pages_is_readable() -> None:
    _, dark = _tokens()
    pairs = [
        (text, ground) for text in ("ink", "soft", "brand", "red", "amber", "blue") for ground in GROUNDS
    ]
    assert [pair for pair in pairs if _contrast(dark[pair[0]], dark[pair[1]]) < 4.5] == []


IMPORTED = re.compile(r'^(?:import|export) (?:.*? from )?"(\.[^"]+)"', re.MULTILINE)


def _with_imports(script: Path, found: set[Path]) -> set[Path]:
    """A script and what it imports at once, not what it fetches when a page asks for it."""
    if script not in found:
        found.add(script)
        for name in IMPORTED.findall(script.read_text("utf-8")):
            _with_imports((script.parent / name).resolve(), found)
    return found


def test_what_a_coordinators_phone_loads_leaves_room_for_the_page() -> None:
    """Every work page brings this; with the heaviest page itself it is measured in the bench (90 KB)."""
    sprite = ROOT / "static" / "vendor" / "icons.svg"
    if not sprite.exists():
        pytest.skip("front-end packages are not installed")
    styles = [ROOT / "static" / "css" / f"{name}.css" for name in ("base", "work", "forms")]
    scripts = _with_imports((ROOT / "static" / "js" / "app.js").resolve(), set())
    files = [*styles, *scripts, sprite, sprite.with_name("htmx.min.js")]
    assert sum(len(brotli.compress(path.read_bytes(), quality=5)) for path in files) < 84 * 1024
    paper = ROOT / "static" / "css" / "paper.css"
    assert len(gzip.compress(paper.read_bytes(), 6)) < 4_000


def test_the_paper_uses_no_css_that_old_wechat_browsers_drop() -> None:
    text = (ROOT / "static" / "css" / "paper.css").read_text(encoding="utf-8")
    dropped = r":has\(|var\(--|oklch|@container|\bgap:|:focus-visible|aspect-ratio|\binset:|clamp\(|dvh"
    assert re.findall(dropped, text) == []
