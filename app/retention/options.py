"""Periods as a county decides them: days after the work on a thing ended. The law's and our floors are not undercut."""

from uuid import UUID

from app.accounts.county import Option, decided, option, register
from app.core.errors import N_
from app.core.settings import settings
from app.retention.rules import Kind

_OURS = "产品默认"
_LIMITATION = "产品默认;不短于两年,参照《行政处罚法》第36条追责时效(条号未核)"
_LOGS = "《网络安全法》(2025)第23条:网络日志留存不少于六个月"
_CHAIN = "产品默认;不短于《网络安全法》(2025)第23条的六个月"
_PATIENTS = "产品默认;《传染病防治法》第13条、《突发公共卫生事件应对法》第8条要求应对结束后及时删除个人信息,未定天数"
_SECRET = "产品默认;举报人信息保密:《食品安全法》第115条、《传染病防治法》第98条,未定天数"  # noqa: S105 - no password

_YEAR = 365


def _days(kind: Kind, default: int, least: int, label: str, told: str, source: str, *, unsure: bool = True) -> Option:
    return Option(
        key=f"retention.{kind.value}", default=default, least=least, most=36_500, unit=N_("days"),
        label=label, help=told, source=source, unsure=unsure,
    )  # fmt: skip


register(
    _days(
        Kind.VISIT_PHOTOS, 5 * _YEAR, 2 * _YEAR, N_("Photos of finished visits"),
        N_("From the end of the visit. Photos of a visit with a notice or a referral follow those."), _LIMITATION,
    ),
    _days(
        Kind.NOTICE_PHOTOS, 10 * _YEAR, 2 * _YEAR, N_("Photos of visits with a notice"),
        N_("From the day the notice was closed or withdrawn; its made papers go with them. Its words and digest stay."),
        _LIMITATION,
    ),
    _days(
        Kind.REPLY_PHOTOS, 5 * _YEAR, 2 * _YEAR, N_("Photos of owners' replies"),
        N_("From the day the notice was closed or withdrawn."), _LIMITATION,
    ),
    _days(
        Kind.REFERRAL_PHOTOS, 10 * _YEAR, 2 * _YEAR, N_("Photos that went out with a referral"),
        N_("From the day the referral was closed."), _LIMITATION,
    ),
    _days(
        Kind.REPORT_PHOTOS, 3 * _YEAR, 180, N_("Photos of information reports"),
        N_("From the day its reporter was told how it ended. They may show patients."), _PATIENTS,
    ),
    _days(
        Kind.UNSENT, 30, 7, N_("Photos of replies that were never sent"),
        N_("From the day they arrived."), _OURS, unsure=False,
    ),
    _days(
        Kind.COMPLAINANTS, _YEAR, 30, N_("Who complained"),
        N_("From the answer to the complaint; the case itself stays. Undecided, XUNCHA_COMPLAINT_DAYS counts."),
        _SECRET,
    ),
    _days(
        Kind.REMINDERS, _YEAR, 180, N_("Log of reminders"),
        N_("From the day of the reminder, once its notice or referral is closed."), _LOGS, unsure=False,
    ),
    _days(
        Kind.LOOKS, _YEAR, 180, N_("Log of who looked at evidence"),
        N_("From the look. Nothing of it goes while a legal hold is in force in the county."), _LOGS, unsure=False,
    ),
    _days(
        Kind.AUDIT, 10 * _YEAR, 180, N_("Contents of the audit record"),
        N_(
            "From the change. What was changed, and the network address, go; who did what and when stays, with the"
            " digests. All counties of an installation share one chain: the longest of their periods counts."
        ),
        _CHAIN,
    ),
)  # fmt: skip


def days_of(county_id: UUID, kind: Kind) -> int:
    """The county's period for this kind, in days."""
    key = f"retention.{kind.value}"
    if kind is Kind.COMPLAINANTS and key not in decided(county_id):
        return settings().complaint_days
    return int(option(county_id, key))
