"""What a county decides about replies."""

from app.accounts.county import Option, register
from app.core.errors import N_
from app.replies.rules import Lock

LOCK = "replies.lock"

register(
    Option(
        key=LOCK,
        default=Lock.PHONE4.value,
        choices={
            Lock.OPEN.value: N_("Nothing: whoever holds the paper may read and reply"),
            Lock.PHONE4.value: N_("Before replies: the last four digits of the registered phone"),
            Lock.BEFORE_READING.value: N_("Already before reading: the last four digits of the registered phone"),
        },
        label=N_("What an owner enters on the page of the QR code"),
        help=N_("An owner without a registered phone gets a reply code of six digits on the paper you print."),
        source="产品规则",
    )
)
