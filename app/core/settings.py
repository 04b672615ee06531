"""All settings, read once from environment variables into one frozen object."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import current_app

MEBIBYTE = 1024 * 1024
_MAP_ADDRESS = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?/[^\s]*")
_VECTOR_TILE = re.compile(r"\.(pbf|mvt|mlt)($|\?)", re.IGNORECASE)


class MissingSetting(SystemExit):
    """Stops the start with one clear line: a setting is missing or no such thing."""


@dataclass(frozen=True)
class Settings:
    """What differs from one installation to the next. Units stand in the names or behind the field."""

    data_dir: Path
    secret_key: str
    password_salt: str
    database_url: str
    storage_url: str
    public_url: str = "http://localhost:8000"
    storage_options: Mapping[str, Any] = field(default_factory=dict)
    production: bool = False
    time_zone: str = "Asia/Shanghai"
    default_locale: str = "zh_Hans_CN"
    photo_max_bytes: int = 30 * MEBIBYTE
    photo_max_pixels: int = 60_000_000
    photo_client_edge: int = 0  # pixels; the phone reduces to this before sending; 0 sends the original
    font_dir: Path = Path("static/vendor")
    rare_font: str = ""  # path of a font with rare Han characters
    evidence_key: str = ""  # path of the Ed25519 key (PEM) that signs evidence; made in the data folder otherwise
    seal_file: str = ""  # path of the organisation's certificate and key (PKCS#12) that sign papers
    seal_passphrase: str = field(default="", repr=False)
    timestamp_url: str = field(default="", repr=False)  # of an RFC 3161 server; may hold a user and a password
    anchors: tuple[str, ...] = field(default=(), repr=False)  # second places for the chain's head; may hold secrets
    anchor_options: Mapping[str, Any] = field(default_factory=dict, repr=False)  # of object stores among them
    anchor_lock_days: int = 0  # for which an object store refuses to delete a head; 0: not asked for
    map_tiles: str = ""  # picture tiles with {z}, {x}, {y}, or a vector map's style; without it days have no map
    map_datum: str = "wgs84"  # or gcj02, which Chinese maps are drawn in
    map_credit: str = ""  # what the map's owner wants to be said beside it
    rate_limit_storage: str = "memory://"
    rate_limits: bool = True
    two_factor: bool = False
    passkeys: bool = False
    certificate_warn_days: int = 60
    complaint_key: str = ""  # Fernet keys, the newest first, separated by commas
    complaint_days: int = 365  # after the answer, until it is forgotten who complained
    session_hours: int = 12
    testing: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read `XUNCHA_…` variables. In production a missing secret stops the start (MissingSetting)."""
        env = os.environ if environ is None else environ
        production = env.get("XUNCHA_ENV", "") == "production"
        data_dir = Path(env.get("XUNCHA_DATA", "data")).absolute()
        secret = env.get("XUNCHA_SECRET_KEY") or _own_secret(data_dir, "secret_key", production=production)
        salt = env.get("XUNCHA_PASSWORD_SALT") or _own_secret(data_dir, "password_salt", production=production)
        return cls(
            data_dir=data_dir,
            secret_key=secret,
            password_salt=salt,
            production=production,
            database_url=env.get("XUNCHA_DATABASE_URL") or f"sqlite:///{data_dir / 'xuncha.db'}",
            storage_url=env.get("XUNCHA_STORAGE_URL") or f"file://{data_dir / 'files'}",
            storage_options=_storage_options(env),
            public_url=env.get("XUNCHA_PUBLIC_URL", "http://localhost:8000").rstrip("/"),
            time_zone=env.get("XUNCHA_TIME_ZONE", "Asia/Shanghai"),
            photo_client_edge=int(env.get("XUNCHA_PHOTO_CLIENT_EDGE", "0")),
            font_dir=Path(env.get("XUNCHA_FONT_DIR", "") or project_root() / "static/vendor"),
            rare_font=env.get("XUNCHA_RARE_FONT", ""),
            evidence_key=env.get("XUNCHA_EVIDENCE_KEY", ""),
            seal_file=env.get("XUNCHA_SEAL_FILE", ""),
            seal_passphrase=env.get("XUNCHA_SEAL_PASSPHRASE", ""),
            timestamp_url=env.get("XUNCHA_TIMESTAMP_URL", ""),
            anchors=tuple(env.get("XUNCHA_ANCHORS", "").split()),
            anchor_options=_storage_options(env, "XUNCHA_ANCHOR_S3_") or _storage_options(env),
            anchor_lock_days=int(env.get("XUNCHA_ANCHOR_LOCK_DAYS", "0")),
            map_tiles=_map_address(env.get("XUNCHA_MAP_TILES", "")),
            map_datum=_map_datum(env.get("XUNCHA_MAP_DATUM") or "wgs84"),
            map_credit=env.get("XUNCHA_MAP_CREDIT", ""),
            rate_limit_storage=env.get("XUNCHA_RATE_LIMIT_STORAGE", "memory://"),
            two_factor=env.get("XUNCHA_TWO_FACTOR", "") == "1",
            passkeys=env.get("XUNCHA_PASSKEYS", "") == "1",
            certificate_warn_days=int(env.get("XUNCHA_CERTIFICATE_WARN_DAYS", "60")),
            complaint_key=env.get("XUNCHA_COMPLAINT_KEY", ""),
            complaint_days=int(env.get("XUNCHA_COMPLAINT_DAYS", "365")),
        )

    @property
    def secure_cookies(self) -> bool:
        """Cookies travel over TLS only, wherever the public address is an https one."""
        return self.public_url.startswith("https://")


def project_root() -> Path:
    """The folder that holds app/, templates/ and static/."""
    return Path(__file__).resolve().parents[2]


def settings() -> Settings:
    """The settings of the running app."""
    return current_app.extensions["settings"]


def _storage_options(env: Mapping[str, str], prefix: str = "XUNCHA_S3_") -> dict[str, Any]:
    options: dict[str, Any] = {}
    if env.get(f"{prefix}ENDPOINT"):
        options["endpoint_url"] = env[f"{prefix}ENDPOINT"]
    if env.get(f"{prefix}KEY"):
        options |= {"key": env[f"{prefix}KEY"], "secret": env.get(f"{prefix}SECRET", "")}
    return options


def _map_address(address: str) -> str:
    """The address, where a page can use it: it becomes part of that page's security rules. Raises MissingSetting."""
    named = sum(part in address for part in ("{z}", "{x}", "{y}"))
    if address and (not _MAP_ADDRESS.fullmatch(address) or named in (1, 2)):
        raise MissingSetting(
            "xuncha: XUNCHA_MAP_TILES must be an http(s) address: of picture tiles with {z}, {x} and {y}, "
            "or of a vector map's style (…/style.json)."
        )
    if named and _VECTOR_TILE.search(address):
        raise MissingSetting("xuncha: XUNCHA_MAP_TILES names vector tiles; name their style instead (…/style.json).")
    return address


def _map_datum(name: str) -> str:
    """wgs84 or gcj02; another one would draw every stop beside its place. Raises MissingSetting."""
    known = name.lower().replace("-", "")
    if known not in ("wgs84", "gcj02"):
        raise MissingSetting(f"xuncha: XUNCHA_MAP_DATUM is {name!r}; it must be wgs84 or gcj02.")
    return known


def _own_secret(data_dir: Path, name: str, *, production: bool) -> str:
    """Outside production a secret is made once and kept in the data folder, so sessions outlive a restart."""
    if production:
        raise MissingSetting(f"xuncha: XUNCHA_{name.upper()} is not set; production does not start without it.")
    path = data_dir / name
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()
