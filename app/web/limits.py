"""How often somebody may try. Every limit stands on its own view; one network address is one somebody."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.wrappers import Response

limiter = Limiter(get_remote_address, default_limits=[], headers_enabled=False)


def is_wrong(response: Response) -> bool:
    """Whether an address or number was guessed wrongly: what is guessed is counted, what is right is not."""
    return response.status_code == 404


slow_down_guessing = limiter.limit("30 per minute", deduct_when=is_wrong, methods=["GET", "POST", "HEAD"])
