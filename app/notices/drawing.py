"""The life of a notice as a drawing in the README, made from the table that decides (progress.py).

`python -m app.notices.drawing` writes it between its marks; a test fails while README and code differ.
"""

import re
import sys
from pathlib import Path

from app.notices.progress import TABLE, Event, Stage, Standing, Step, first_step, stage_of

BEGIN, END = "<!-- drawn by app/notices/drawing.py -->", "<!-- end of the drawing -->"
OUTCOMES = ("by_a_date", "referred", "stop_and_guard", "fixed_on_the_spot")
_BETWEEN = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)


def drawing() -> str:
    """Both machines as mermaid: a finding's steps with the events between them, and the notice they make."""
    return "\n".join((BEGIN, "```mermaid", *_steps(), "```", "", *_stages(), END))


def _steps() -> list[str]:
    lines = ["stateDiagram-v2"]
    starts: dict[Step, list[str]] = {}
    for outcome in OUTCOMES:
        starts.setdefault(first_step(outcome), []).append(outcome)
    lines += [f"    [*] --> {step}: {', '.join(outcomes)}" for step, outcomes in starts.items()]
    for step, events in TABLE.items():
        arrows: dict[Step, list[Event]] = {}
        for event, after in events.items():
            arrows.setdefault(after, []).append(event)
        lines += [f"    {step} --> {after}: {', '.join(found)}" for after, found in arrows.items()]
        if not events:
            lines.append(f"    {step} --> [*]")
    return lines


def _stages() -> list[str]:
    """What the whole is called for each set of steps its points may stand in, asked of the rule itself."""
    lines = ["| a notice is | while |", "|---|---|"]
    owners = f"{Stage.ISSUED}, {Stage.DELIVERED}, {Stage.OPENED}"
    lines.append(f"| {owners} | a point is {Step.AWAITED}, none {Step.ANSWERED} or {Step.TO_VERIFY} |")
    order = list(Step)
    for stage in (Stage.REPLIED, Stage.TO_VERIFY, Stage.REFERRED, Stage.CLOSED):
        needs = [step for step in order if _stage({step}) is stage]
        beats = [step for step in order if step not in needs and _stage({needs[0], step}) is stage]
        beside = f", whatever else is {', '.join(beats)}" if beats else ""
        lines.append(f"| {stage} | {'one is' if beats else 'all are'} {' or '.join(needs)}{beside} |")
    facts = "`overdue` (the date has passed while a point is awaited), `extended` and `withdrawn` are facts beside it."
    return [*lines, "", facts]


def _stage(steps: set[Step]) -> Stage:
    return stage_of([Standing(step) for step in steps], delivered=False, opened=False)


def redrawn(text: str) -> str:
    """`text` with the present drawing between its marks. Raises ValueError without marks."""
    if not _BETWEEN.search(text):
        raise ValueError(f"no {BEGIN} … {END}")
    return _BETWEEN.sub(lambda _found: drawing(), text, count=1)


def main(path: Path) -> None:
    """Write the drawing into the file at `path`."""
    text = path.read_text(encoding="utf-8")
    path.write_text(redrawn(text), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "README.md"))
