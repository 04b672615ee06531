"""Imports only go down, rules stay pure, files stay small enough to be one room."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAYERS = (
    "core",
    "web",
    "accounts",
    "calendar",
    "seals",
    "photos",
    "premises",
    "checklists",
    "inspections",
    "notices",
    "replies",
    "referrals",
    "reports",
    "complaints",
    "reminders",
    "signals",
    "sampling",
    "sync",
    "patrol",
    "oversight",
    "retention",
    "monthly",
    "proof",
    "demo",
)
WIRING = {"__init__", "bound", "features", "serve"}  # app/*.py: sees everything, holds nothing
IMPURE = (
    "flask",
    "sqlalchemy",
    "app.core.database",
    "app.core.clock",
    "app.core.storage",
    "app.core.settings",
)
MOST_LINES = 400
SOURCES = sorted((ROOT / "app").rglob("*.py"))


def _imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _layer(module: str) -> int | None:
    """The height of an `app.…` module; None outside; beyond the top for wiring."""
    parts = module.split(".")
    if parts[0] != "app":
        return None
    if len(parts) == 1 or parts[1] in WIRING or parts[1] == "create_app":
        return len(LAYERS)
    assert parts[1] in LAYERS, f"app/{parts[1]} is no known layer: add it to LAYERS where it belongs"
    return LAYERS.index(parts[1])


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", SOURCES, ids=_module)
def test_imports_only_go_down(path: Path) -> None:
    own = _layer(_module(path))
    assert own is not None
    upward = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for line, name in _imports(ast.parse(path.read_text(encoding="utf-8")))
        if (_layer(name) or 0) > own
    ]
    assert not upward, "\n".join(upward)


@pytest.mark.parametrize("path", [path for path in SOURCES if path.name == "rules.py"], ids=_module)
def test_rules_know_neither_database_nor_flask(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    impure = [f"line {line}: {name}" for line, name in _imports(tree) if name.startswith(IMPURE)]
    assert not impure, impure


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.name in ("services.py", "rules.py")], ids=_module
)
def test_only_the_edge_opens_or_ends_a_transaction(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "session.commit(" not in text
    assert "transaction()" not in text.replace("in_transaction()", "")


def test_every_file_is_one_room() -> None:
    files = [
        path
        for folder in ("app", "templates", "static/js", "static/css", "tests", "tools")
        for path in (ROOT / folder).rglob("*")
    ]
    kinds = {".py", ".html", ".js", ".css"}
    long = {
        str(path.relative_to(ROOT)): lines
        for path in files
        if path.suffix in kinds and (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert not long, f"more than {MOST_LINES} lines: {long}"
