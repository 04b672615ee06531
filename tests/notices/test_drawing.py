"""The README draws what the code decides."""

from pathlib import Path

from app.notices.drawing import drawing, redrawn
from app.notices.progress import TABLE

README = Path(__file__).resolve().parents[2] / "README.md"


def test_the_readme_draws_the_machine_that_decides() -> None:
    text = README.read_text(encoding="utf-8")
    assert redrawn(text) == text, "the table changed: make drawing"


def test_every_pair_of_the_table_is_drawn() -> None:
    lines = drawing().splitlines()
    for step, events in TABLE.items():
        for event, after in events.items():
            line = next(line for line in lines if line.strip().startswith(f"{step} --> {after}:"))
            assert event.value in line.replace(",", " ").replace(":", " ").split()
