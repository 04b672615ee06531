"""What a county decides about reminders."""

from datetime import time
from uuid import UUID

from app.accounts.county import Option, option, register
from app.core.errors import N_
from app.reminders import channels
from app.reminders.rules import Plan, read_days

_DAYS = N_("Up to six whole numbers from 1 to 90, for example 3, 1.")


def _days(text: str) -> str:
    try:
        read_days(text)
    except ValueError:
        return _DAYS
    return ""


register(
    Option(
        key="reminders.before",
        default="3, 1",
        label=N_("Reminders before the date of a notice"),
        help=N_("How many days before, separated by commas; empty for none."),
        check=_days,
        source="产品规则",
    ),
    Option(
        key="reminders.after",
        default="1, 3, 7",
        label=N_("Reminders after the date of a notice"),
        help=N_("How many days after, separated by commas. From then on supervisors are told, too."),
        check=_days,
        source="产品规则",
    ),
    Option(
        key="reminders.every",
        default=7,
        least=1,
        most=90,
        unit=N_("days"),
        label=N_("After the last of them again every"),
        help=N_("Until the matter is referred or closed."),
        source="产品规则",
    ),
    Option(
        key="reminders.quiet_from",
        default=time(21),
        label=N_("Quiet hours begin"),
        help=N_("What falls into them is sent when they end. The list in the app is always up to date."),
        source="产品规则",
    ),
    Option(
        key="reminders.quiet_to",
        default=time(8),
        label=N_("Quiet hours end"),
        help=N_("The same time as the beginning: no quiet hours."),
        source="产品规则",
    ),
    Option(
        key="reminders.staff",
        default=(),
        label=N_("Channels for staff"),
        help=N_(
            "Apprise addresses, for example dingtalk://token, wecombot://key, feishu://token or"
            " mailtos://…?to={email}. With {email} or {phone} each person is written to,"
            " without them a group."
        ),
        check=channels.problem_of_staff,
        secret=True,
    ),
    Option(
        key="reminders.owners",
        default=(),
        label=N_("Channels for owners"),
        help=N_(
            "Apprise addresses with {phone}, for example of an SMS gateway. Used only where the owner agreed in"
            " writing to electronic sending."
        ),
        check=channels.problem_of_owners,
        secret=True,
    ),
)


def plan_of(county_id: UUID) -> Plan:
    """The county's numbers."""
    return Plan(
        before=read_days(option(county_id, "reminders.before")),
        after=read_days(option(county_id, "reminders.after")),
        every=option(county_id, "reminders.every"),
        quiet_from=option(county_id, "reminders.quiet_from"),
        quiet_to=option(county_id, "reminders.quiet_to"),
    )


def channels_of(county_id: UUID) -> tuple[list[channels.Channel], list[channels.Channel]]:
    """Those for staff and those for owners."""
    staff = channels.read(option(county_id, "reminders.staff"))
    return staff, channels.read(option(county_id, "reminders.owners"), "owner-")
