"""Every template compiles, refers to what exists, and keeps the promises of the content security policy."""

import re
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import meta

from tools.vendor import ICONS

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COMMENT = re.compile(r"{#.*?#}|<!--.*?-->", re.DOTALL)
EXPRESSION = re.compile(r"{{.*?}}|{%.*?%}", re.DOTALL)
FORBIDDEN = {
    "inline style": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "inline handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "inline script": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/(ld\+)?json)", re.IGNORECASE),
    "hx-boost": re.compile(r"hx-boost"),
    "hx-on": re.compile(r"\shx-on[:-]"),
    "foreign address": re.compile(r"(?:src|href)=[\"']https?://", re.IGNORECASE),
}
# the name of the product, the word that leads to the other language, and brackets
CHINESE_ALLOWED = re.compile(r"巡查|中文|[《》「」，。、：；（）·]")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
ICON = re.compile(r"""\bicon\(\s*["']([a-z-]+)["']""")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_compiles_and_finds_what_it_uses(app: Flask, path: Path) -> None:
    environment = app.jinja_env
    environment.get_template(_name(path))
    used = meta.find_referenced_templates(environment.parse(path.read_text(encoding="utf-8")))
    lost = [name for name in used if name and not (ROOT / "templates" / name).exists()]
    assert not lost, f"{_name(path)} uses {lost}"


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_a_template_keeps_the_content_security_policy(path: Path) -> None:
    text = COMMENT.sub("", path.read_text(encoding="utf-8"))
    found = [name for name, pattern in FORBIDDEN.items() if pattern.search(text)]
    assert not found, f"{_name(path)}: {found}"


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_chinese_stands_in_the_catalogue_not_in_templates(path: Path) -> None:
    text = CHINESE_ALLOWED.sub("", EXPRESSION.sub("", COMMENT.sub("", path.read_text(encoding="utf-8"))))
    assert not (found := CHINESE.findall(text)), (
        f"{_name(path)}: {found}; write _('English') and translate in zh.po"
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_every_icon_is_in_the_sprite(path: Path) -> None:
    lost = set(ICON.findall(path.read_text(encoding="utf-8"))) - set(ICONS)
    assert not lost, f"{_name(path)}: add to ICONS in tools/vendor.py: {lost}"
