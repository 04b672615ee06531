"""How figures are called and what each of them counts, on screen and on paper."""

from app.core.errors import N_
from app.monthly.rules import Figure, Group, Line, Rate

F = Figure
TITLES = {
    Group.PLACES: N_("Places and visits"),
    Group.FINDINGS: N_("Findings"),
    Group.NOTICES: N_("Notices and closing"),
    Group.REFERRALS: N_("Referrals"),
    Group.REPORTS: N_("Information reports"),
    Group.MISSING: N_("What is missing"),
}
LABELS: dict[Line, str] = {
    F.PREMISES: N_("Premises on the register"),
    F.VISITED: N_("Premises visited"),
    Rate.COVERAGE: N_("Coverage"),
    F.VISITS: N_("Visits in the month"),
    F.RETURNS: N_("of these return visits"),
    F.FINDINGS: N_("Findings of the month"),
    F.CRITICAL: N_("of these critical (A)"),
    F.FIXED_AT_ONCE: N_("of these fixed on the spot"),
    F.ISSUED: N_("Notices issued"),
    F.WITHDRAWN: N_("of these withdrawn since"),
    F.CLOSED: N_("Notices closed"),
    F.SEEN_FIXED: N_("their points seen on site"),
    F.ACCEPTED: N_("their points accepted on a photo"),
    F.CLOSED_OTHERWISE: N_("their points closed otherwise"),
    F.OPEN_AT_END: N_("Notices open at the end"),
    F.OVERDUE: N_("Notices overdue at the end"),
    F.REFERRED: N_("Matters referred"),
    F.REFERRALS_CLOSED: N_("Referrals answered and closed"),
    F.REPORTS: N_("Information reports recorded"),
    F.UNTRUE: N_("of these found untrue"),
    F.PASSED_ON: N_("of these passed on"),
    Rate.REPORT_RATE: N_("Rate of information reports"),
    F.NOT_VISITED: N_("Premises waiting longer than planned"),
    F.NO_PHOTO: N_("Visits without a photo"),
    F.UNSIGNED: N_("Visits neither signed nor refused"),
    F.UNFINISHED: N_("Visits begun and not finished"),
}
MEANINGS: dict[Line, str] = {
    F.PREMISES: N_(
        "entered before the end of the month and not closed down, and every place visited in the month"
    ),
    F.VISITED: N_("different places with a finished visit that began in the month; a place counts once"),
    Rate.COVERAGE: N_("premises visited ÷ premises on the register"),
    F.VISITS: N_("finished visits that began in the month; each counts"),
    F.RETURNS: N_("visits that look again at what an earlier one found"),
    F.FINDINGS: N_("answers that do not conform, of these visits"),
    F.CRITICAL: N_("findings of severity A of the checklist"),
    F.FIXED_AT_ONCE: N_("findings put right during the visit"),
    F.ISSUED: N_("notices given a number in the month"),
    F.WITHDRAWN: N_("notices of the month that no longer held when this was counted"),
    F.CLOSED: N_("notices whose last point was closed in the month, whenever they were issued"),
    F.SEEN_FIXED: N_("points of these notices that somebody went and saw put right"),
    F.ACCEPTED: N_("points of these notices taken on the photo of the owner"),
    F.CLOSED_OTHERWISE: N_(
        "points of these notices closed by an authority, or because the place closed down"
    ),
    F.OPEN_AT_END: N_("notices in force with a point that was not closed when the month ended"),
    F.OVERDUE: N_("open notices with a point the owner had not answered by its date"),
    F.REFERRED: N_("hand-over sheets sent for the first time in the month"),
    F.REFERRALS_CLOSED: N_("referrals closed with a result in the month, whenever they were sent"),
    F.REPORTS: N_("information reports discovered in the month"),
    F.UNTRUE: N_("reports of the month that verifying did not confirm"),
    F.PASSED_ON: N_("reports of the month handed on to an authority by the time this was counted"),
    Rate.REPORT_RATE: N_(
        "passed on ÷ recorded and not found untrue (national service standard, third edition)"
    ),
    F.NOT_VISITED: N_(
        "open places without a finished visit in the last %(days)s days, on the register for as long"
    ),
    F.NO_PHOTO: N_("visits of the month without any photo, received or on its way"),
    F.UNSIGNED: N_("visits of the month with neither a signature nor a recorded refusal"),
    F.UNFINISHED: N_("visits begun in the month that were still open when this was counted"),
}
DOMAIN_HEADS = (
    N_("Domain"),
    N_("Visited / on the register"),
    N_("Coverage"),
    N_("Visits in the month"),
    N_("Findings of the month"),
)
BY_DOMAIN = N_("By domain")
DOMAIN_NOTE = N_(
    "A place or visit of several domains counts in each of them: the columns do not add up to the whole."
)
