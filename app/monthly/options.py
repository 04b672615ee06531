"""What a county decides about its monthly reports."""

from app.accounts.county import Option, register
from app.core.errors import N_

VISIT_EVERY = "oversight.visit_every_days"

register(
    Option(
        key=VISIT_EVERY,
        default=183,
        least=7,
        most=1100,
        unit=N_("days"),
        label=N_("How often each place is visited at least"),
        help=N_("Places that wait longer are counted in the monthly report under what is missing."),
        source="国家年度工作通知的口径:每点位每年不少于 2 次,文号由各地提供",
        unsure=True,
    )
)
