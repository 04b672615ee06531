"""What a county decides about the staff's answers to replies."""

from app.accounts.county import Option, register
from app.core.errors import N_

ACCEPT_ON_PHOTO, EXTENSION_BY = "replies.accept_on_photo", "replies.extension_by"
REPEAT_MONTHS = "replies.repeat_months"
SUPERVISOR, COORDINATOR = "supervisor", "coordinator"

register(
    Option(
        key=ACCEPT_ON_PHOTO,
        default=True,
        label=N_("Minor points may be accepted on the owner's photo"),
        help=N_("Only points of the lowest severity (C). All others are looked at on site."),
        source="产品规则",
    ),
    Option(
        key=EXTENSION_BY,
        default=SUPERVISOR,
        choices={
            SUPERVISOR: N_("Supervisors alone"),
            COORDINATOR: N_("Coordinators too, as long as the date has not passed"),
        },
        label=N_("Who gives an owner more time"),
        help=N_("Once for each point, with a reason. After the date only a supervisor gives more time."),
        source="产品规则",
    ),
    Option(
        key=REPEAT_MONTHS,
        default=12,
        least=0,
        most=60,
        unit=N_("months"),
        label=N_("How far back a repeat finding is looked for"),
        help=N_("An item found again at the same place within this time is marked. 0: nothing is marked."),
        source="产品规则",
        unsure=True,
    ),
)
