"""What the pages of samples show: results in plain words, with what they rest on."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _

from app.accounts.models import Person
from app.core import clock
from app.core.errors import NotFound
from app.inspections.models import Finding
from app.sampling import queries, rules
from app.sampling.estimates import Estimate, Tally, estimate
from app.sampling.frames import OWN, Frame, ids_now
from app.sampling.models import Answer, CallSheet, Reached, Sample, State
from app.sampling.queries import Counted, Owners, SheetPage
from app.sampling.rules import Method, Stratum
from app.web.filters import day
from app.web.i18n import say


def method_words(method: Method, stratum: Stratum) -> str:
    """How it was drawn, in a few words."""
    if method is Method.STRATIFIED:
        return {
            Stratum.TOWNSHIP: _("Spread over the townships"),
            Stratum.DOMAIN: _("Spread over the domains"),
            Stratum.INSPECTOR: _("Spread over those who visited"),
            Stratum.NONE: "",
        }[stratum]
    return _("Simple draw") if method is Method.SIMPLE else _("Systematic draw")


def state_words(state: State) -> str:
    return {
        State.WAITING: _("To call"),
        State.LATER: _("Try again"),
        State.WRONG_NUMBER: _("Wrong number"),
        State.DONE: _("Called"),
    }[state]


def state_kind(state: State) -> str:
    """The colour of its tag (ui.html)."""
    return {State.WAITING: "quiet", State.LATER: "soon", State.WRONG_NUMBER: "late", State.DONE: "ok"}[state]


def answer_words(answer: Answer | None) -> str:
    return {None: "—", Answer.YES: _("Yes"), Answer.NO: _("No"), Answer.NOT_KNOWN: _("Not known")}[answer]


def reached_words(reached: Reached) -> str:
    return {
        Reached.SPOKEN: _("Spoken to"),
        Reached.NO_ANSWER: _("Nobody answered"),
        Reached.WRONG_NUMBER: _("Wrong number"),
    }[reached]


def period(sample: Sample) -> str:
    return f"{day(sample.first)} – {day(sample.last)}"


# ---- results


@dataclass(frozen=True)
class Result:
    """One question with its answers and what they say about all visits. `found` is None where nobody answered."""

    question: str
    yes: int
    no: int
    unknown: int
    found: Estimate | None
    words: str


def _tallies(
    counts: Sequence[Counted], sizes: Mapping[str, int], read: Callable[[Counted], Answer | None]
) -> list[Tally]:
    """By stratum. A later question is asked of those alone who confirmed the visit: they stand for their share."""
    tallies = []
    for key, size in sizes.items():
        own = [one for one in counts if one.stratum == key and one.state is State.DONE]
        heard = sum(one.count for one in own if one.visited in (Answer.YES, Answer.NO))
        answered = sum(one.count for one in own if read(one) in (Answer.YES, Answer.NO))
        yes = sum(one.count for one in own if read(one) is Answer.YES)
        tallies.append(Tally(size * answered / heard if heard else size, answered, yes))
    return tallies


def _visited(one: Counted) -> Answer | None:
    return one.visited


def _as_recorded(one: Counted) -> Answer | None:
    return one.as_recorded if one.visited is Answer.YES else None


def _satisfied(one: Counted) -> Answer | None:
    return one.satisfied if one.visited is Answer.YES else None


def results(sample: Sample, counts: Sequence[Counted]) -> list[Result]:
    """The three questions. Never by person: a draw spread over inspectors is estimated by stratum and shown as one."""
    sizes = {one["key"]: one["size"] for one in sample.strata}
    asked = (
        (_("The visit took place"), _visited, _visit_words),
        (_("What was recorded is right"), _as_recorded, _share_words),
        (_("Satisfied with the visit"), _satisfied, _share_words),
    )
    found = []
    for question, read, words in asked:
        said = {answer: sum(one.count for one in counts if read(one) is answer) for answer in Answer}
        known = estimate(_tallies(counts, sizes, read), sample.confidence)
        found.append(
            Result(
                question, said[Answer.YES], said[Answer.NO], said[Answer.NOT_KNOWN], known,
                words(known) if known else _("No answer yet."),
            )
        )  # fmt: skip
    return found


def _visit_words(found: Estimate) -> str:
    low, high = found.percents
    if found.is_exact:
        return _(
            "Of %(answered)s called, %(yes)s confirmed. All visits were asked about, so this is exact.",
            answered=found.answered, yes=found.yes,
        )  # fmt: skip
    return _(
        "Of %(answered)s called, %(yes)s confirmed: between %(low)s %% and %(high)s %% of all visits.",
        answered=found.answered, yes=found.yes, low=low, high=high,
    )  # fmt: skip


def _share_words(found: Estimate) -> str:
    low, high = found.percents
    if found.is_exact:
        return _("Of %(answered)s who said so, %(yes)s said yes.", answered=found.answered, yes=found.yes)
    return _(
        "Of %(answered)s who said so, %(yes)s said yes: between %(low)s %% and %(high)s %%.",
        answered=found.answered, yes=found.yes, low=low, high=high,
    )  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One township or domain: drawn, called, confirmed. No interval, no order by result."""

    name: str
    size: int
    drawn: int
    called: int
    confirmed: int


def parts(sample: Sample, counts: Sequence[Counted]) -> list[Part]:
    """In the order of their keys. Empty for a draw spread over inspectors: nobody is set beside others."""
    if sample.stratum not in (Stratum.TOWNSHIP, Stratum.DOMAIN):
        return []
    return [
        Part(
            say(one, "name") or _("Without"),
            one["size"],
            one["drawn"],
            sum(row.count for row in counts if row.stratum == one["key"] and row.state is State.DONE),
            sum(row.count for row in counts if row.stratum == one["key"] and row.visited is Answer.YES),
        )
        for one in sample.strata
    ]


@dataclass(frozen=True)
class SampleView:
    """A sample's page."""

    sample: Sample
    counts: Mapping[State, int]
    results: Sequence[Result]
    parts: Sequence[Part]
    owners: Owners
    nth: int
    state: State | None
    sheets: SheetPage
    owner_said: Mapping[UUID, Answer]
    next_id: UUID | None

    @property
    def done(self) -> int:
        return self.counts[State.DONE]

    @property
    def silent(self) -> int:
        """Strata without an answer yet."""
        found = self.results[0].found
        return found.silent if found else 0

    @property
    def unheard(self) -> int:
        """Drawn, tried and not reached: nothing is known of them."""
        return self.counts[State.LATER] + self.counts[State.WRONG_NUMBER]

    @property
    def tabs(self) -> list[tuple[str, State | None, int]]:
        listed: list[tuple[str, State | None, int]] = [(_("All"), None, self.sample.size)]
        return listed + [(state_words(one), one, self.counts[one]) for one in State if self.counts[one]]


def sample_view(sample: Sample, arguments: Mapping[str, str], reader: Person) -> SampleView:
    """Read the address parameters; nonsense in them is left out."""
    chosen, after = arguments.get("state", ""), arguments.get("after", "")
    state = State(chosen) if chosen in list(State) else None
    counts = queries.count_sheets(sample.id)
    page = queries.page_of_sheets(sample.id, state, int(after) if after.isdecimal() and len(after) < 9 else 0)
    return SampleView(
        sample,
        {one: sum(row.count for row in counts if row.state is one) for one in State},
        results(sample, counts),
        parts(sample, counts),
        queries.count_owners(sample.id),
        queries.draws_of_period(sample),
        state,
        page,
        queries.owners_of_visits([sheet.inspection_id for sheet in page.sheets]),
        queries.next_sheet(sample.id, reader, clock.now()) if reader.is_supervisor else None,
    )


def exclusion_words(sample: Sample) -> list[tuple[str, str, int]]:
    """What was left out, why, and how many visits that are."""
    own = _("Visits %(name)s took part in", name=sample.drawn_by.name)
    return [
        (
            own if one["what"] == OWN else one["what"],
            one["reason"] or _("Nobody calls about own visits."),
            len(one["ids"]),
        )
        for one in sample.exclusions
    ]


@dataclass(frozen=True)
class SheetView:
    """One drawn visit on the phone."""

    sheet: CallSheet
    findings: Sequence[Finding]
    owner: Answer | None
    number: queries.OtherNumber | None  # which the place had at the time of the visit
    may_fill: bool
    took_part: bool

    @property
    def people(self) -> str:
        visit = self.sheet.inspection
        return "、".join([visit.lead.name, *(one.person.name for one in visit.fellows)])


def sheet_view(sheet: CallSheet, reader: Person) -> SheetView:
    visit = sheet.inspection
    return SheetView(
        sheet,
        queries.findings_to_ask(visit.id),
        queries.owners_of_visits([visit.id]).get(visit.id),
        queries.number_since(visit),
        reader.is_supervisor and not visit.is_worked_on_by(reader),
        visit.is_worked_on_by(reader),
    )


# ---- drawn again


@dataclass(frozen=True)
class Again:
    """What drawing again from the kept list gives, and how the list stands to today's records."""

    list_unchanged: bool
    draw_identical: bool
    drawn: int
    population: int
    arrived: int  # visits of the period that came after the draw (phones without signal)
    gone: int  # visits of the list that are no longer there

    @property
    def is_identical(self) -> bool:
        return self.list_unchanged and self.draw_identical


def draw_again(sample: Sample) -> Again:
    """Recompute everything from what is kept."""
    units, kept = _kept_list(sample)
    drawn = queries.drawn_ids(sample.id)
    try:
        same = drawn == [unit.id for unit in rules.draw(units, sample.size, sample.seed, sample.method)]
    except ValueError:  # the list has changed so much that nothing can be drawn from it
        same = False
    now = ids_now(Frame(sample.id, sample.region, sample.first, sample.last, sample.stratum))
    listed = {unit.id for unit in units} | {one for entry in sample.exclusions for one in entry["ids"]}
    return Again(kept, same, len(drawn), len(units), len(now - listed), len(listed - now))


def _kept_list(sample: Sample) -> tuple[list[rules.Unit], bool]:
    """The kept list, and whether it is the one that was kept."""
    try:
        lines = queries.lines_of(sample.id)
        units = rules.from_lines(lines)
    except (zlib.error, ValueError, TypeError, NotFound):
        return [], False
    return units, rules.digest_of(lines) == sample.population_digest and len(units) == sample.population_size


def seg_options() -> list[tuple[str, str, str]]:
    """The answers of a sheet as buttons."""
    return [
        (Answer.YES.value, "✓ " + _("Yes"), "yes"),
        (Answer.NO.value, "✗ " + _("No"), "no"),
        (Answer.NOT_KNOWN.value, _("Not known"), "quiet"),
    ]
