"""Who complained, locked away: Fernet (AES-128-CBC with HMAC-SHA256), several keys for rotation, the newest first.

XUNCHA_COMPLAINT_KEY holds the keys, separated by commas; the first one locks, all of them open. Outside production a
key is made once in the data folder. `flask complaints rotate` locks everything anew with the first key.
"""

import json
from dataclasses import asdict, dataclass, fields
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.core.errors import N_, AppError
from app.core.settings import MissingSetting, Settings

FILE = "complaint_key"


class NoKey(AppError):
    """This installation cannot lock anything away, so it takes no complaints (503)."""

    status = 503


@dataclass(frozen=True)
class Complainant:
    """Everything that says who complained. `words` and `where` are their own, and tell on them as well."""

    name: str = ""
    phone: str = ""
    address: str = ""
    other: str = ""
    words: str = ""
    where: str = ""

    @property
    def is_anonymous(self) -> bool:
        return not (self.name or self.phone or self.address or self.other)


def can_seal(settings: Settings) -> bool:
    """Whether anything can be locked away here at all."""
    return bool(settings.complaint_key.strip(", ")) or not settings.production


def box(settings: Settings) -> MultiFernet:
    """What locks and opens. Raises NoKey, MissingSetting for keys that are none."""
    keys = tuple(key.strip() for key in settings.complaint_key.split(",") if key.strip())
    if not keys and not settings.production:
        keys = (_own_key(settings),)
    if not keys:
        raise NoKey(
            N_("Complaints cannot be taken: this installation has no key to lock personal data away."),
            hint=N_("The operator sets XUNCHA_COMPLAINT_KEY."),
        )
    return _box(keys)


@lru_cache(maxsize=8)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise MissingSetting(
            "xuncha: XUNCHA_COMPLAINT_KEY is no Fernet key (32 bytes as url-safe base64); several stand behind commas."
        ) from None


def _own_key(settings: Settings) -> str:
    path = settings.data_dir / FILE
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(Fernet.generate_key().decode())
    return path.read_text().strip()


def seal(who: Complainant, boxed: MultiFernet) -> bytes:
    return boxed.encrypt(json.dumps(asdict(who), ensure_ascii=False).encode())


def open_sealed(sealed: bytes, boxed: MultiFernet) -> Complainant:
    """Raises NoKey when none of the keys opens it."""
    try:
        said = json.loads(boxed.decrypt(sealed))
    except InvalidToken:
        raise NoKey(
            N_("None of the keys of this installation opens these data."),
            hint=N_("The operator adds the earlier key to XUNCHA_COMPLAINT_KEY, behind the present one."),
        ) from None
    known = {field.name for field in fields(Complainant)}
    return Complainant(**{name: value for name, value in said.items() if name in known})
