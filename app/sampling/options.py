"""What a county decides about sampling."""

from app.accounts.county import Option, register
from app.core.errors import N_
from app.sampling.rules import CONFIDENCES, MARGINS

ASK_OWNER, CONFIDENCE, MARGIN = "sampling.ask_owner", "sampling.confidence", "sampling.margin"

register(
    Option(
        key=ASK_OWNER,
        default=True,
        label=N_("Ask owners whether somebody visited"),
        help=N_("On the page of the code: was somebody there that day? Supervisors see the answers in samples."),
        source="产品默认",
    ),
    Option(
        key=CONFIDENCE,
        default="95",
        choices={str(one): f"{one} %" for one in CONFIDENCES},
        label=N_("Confidence proposed for a sample"),
        help=N_("How sure the interval of a result is. More means more calls."),
        source="产品默认",
    ),
    Option(
        key=MARGIN,
        default="10",
        choices={str(one): f"± {one} %" for one in MARGINS},
        label=N_("Exactness proposed for a sample"),
        help=N_("How far the true share may lie from the one found. Half of it means about four times the calls."),
        source="产品默认",
    ),
)
