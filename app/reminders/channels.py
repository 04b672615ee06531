"""Channels: addresses as Apprise takes them. An address holds secrets; nobody logs or shows one, only its name."""

import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any
from urllib.parse import quote

from app.core.errors import N_

APP = "app"  # the list in the product: always there
HERE = frozenset({"dbus", "qt", "glib", "kde", "gnome", "macosx", "windows", "syslog", "rsyslog"})  # only on the server
_SAMPLE = {"email": "somebody@example.com", "phone": "13800000000"}
_TIMES = {"cto": 5, "rto": 10}  # seconds to connect, to answer


@dataclass(frozen=True)
class Channel:
    """`name` stands in the log in place of the address: its kind and, of several, which one."""

    name: str
    address: str

    @property
    def is_personal(self) -> bool:
        """Whether each recipient has an own address; otherwise it is a group that is written to once."""
        return any(f"{{{place}}}" in self.address for place in _SAMPLE)

    @property
    def is_mail(self) -> bool:
        """Whether an e-mail address is all it needs."""
        return "{email}" in self.address and "{phone}" not in self.address

    def of(self, email: str, phone: str) -> str | None:
        """The address of one recipient; None where what it needs is not known."""
        found = self.address
        for place, value in (("email", email.strip()), ("phone", phone.strip())):
            if f"{{{place}}}" in found:
                if not value:
                    return None
                found = found.replace(f"{{{place}}}", quote(value, safe="@+"))
        return found


def read(addresses: Iterable[str], prefix: str = "") -> list[Channel]:
    """Name the channels by their kind: mailtos, dingtalk, dingtalk-2. A new token leaves the name as it is."""
    seen: Counter[str] = Counter()
    found = []
    for address in addresses:
        scheme = address.partition("://")[0].lower()
        seen[scheme] += 1
        number = f"-{seen[scheme]}" if seen[scheme] > 1 else ""
        found.append(Channel(f"{prefix}{scheme}{number}", address))
    return found


def hook_channel(url: str) -> Channel | None:
    """A web hook as it was pasted: a known service's own address, else JSON by POST. None where there is none."""
    if not url:
        return None
    known = _apprise().Apprise.instantiate(url, suppress_exceptions=True)
    scheme, _, rest = url.partition("://")
    return Channel("webhook", url if known else f"{'jsons' if scheme == 'https' else 'json'}://{rest}")


def problem_of_staff(addresses: Sequence[str]) -> str:
    """Return a msgid when one of the addresses cannot be used."""
    if all(_usable(one) for one in read(addresses)):
        return ""
    return N_("One of these addresses is not understood. Look up how Apprise writes that service.")


def problem_of_owners(addresses: Sequence[str]) -> str:
    """The same; owners are never written to in a group."""
    if any("{phone}" not in one for one in addresses):
        return N_("An address for owners needs {phone}: each is written to alone.")
    return problem_of_staff(addresses)


def _usable(channel: Channel) -> bool:
    scheme = channel.address.partition("://")[0].lower()
    if scheme in HERE:
        return False
    return bool(_apprise().Apprise.instantiate(channel.of(**_SAMPLE) or "", suppress_exceptions=True))


def send(address: str, title: str, body: str) -> bool:
    """Whether the channel took it. Blocks for some seconds at most."""
    apprise = _apprise()
    asset = apprise.AppriseAsset(async_mode=False, storage_mode=apprise.PersistentStoreMode.MEMORY)
    target: Any = apprise.Apprise(asset=asset)
    if not target.add(address):
        return False
    for server in target:
        server.socket_connect_timeout, server.socket_read_timeout = _TIMES["cto"], _TIMES["rto"]
    return bool(target.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT))


@cache
def _apprise() -> ModuleType:
    """Loaded when it is needed: pages are not. Its log names addresses, so it stays silent."""
    import apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
    return apprise
