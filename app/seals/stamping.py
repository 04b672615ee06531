"""Time stamps (RFC 3161): who else saw a paper, and when. A server that fails is left alone for a minute."""

import time
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyhanko.sign.timestamps import TimeStamper

WAIT = 3  # seconds for an answer: somebody waits for the paper
PAUSE = 60  # seconds
_paused: dict[str, float] = {}


def stamper(url: str) -> "TimeStamper | None":
    """Asks the server at `url`; None where there is none, or it has just failed."""
    return None if not url or is_paused(url) else _stamper(url)


def is_paused(url: str) -> bool:
    """Whether it has just failed, as far as this process knows."""
    return time.monotonic() < _paused.get(url, 0)


def pause(url: str) -> None:
    """Papers of the next minute do not wait for it."""
    _paused[url] = time.monotonic() + PAUSE


def resume() -> None:
    """Ask again at once."""
    _paused.clear()


@lru_cache(maxsize=4)
def _stamper(url: str) -> "TimeStamper":
    from pyhanko.sign.timestamps.aiohttp_client import HTTPTimeStamper
    from pyhanko.sign.timestamps.common_utils import TimestampRequestError

    class OursAlone(HTTPTimeStamper):
        """Takes no stamp of something else, which would spoil the signature it is put into."""

        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            token = await super().async_timestamp(message_digest, md_algorithm)
            stamped = token["content"]["encap_content_info"]["content"].parsed["message_imprint"]
            if stamped["hashed_message"].native != message_digest:
                raise TimestampRequestError("The time stamp is for something else.")
            return token

    return OursAlone(url, timeout=WAIT)
