"""Copy the third-party front-end files from node_modules to static/vendor/, and pack our scripts.

Run by `make serve` after `npm ci --omit=dev`. Nothing it writes is committed. Only the standard library is
used, so it runs before the virtual environment is complete. The icon list below is the whole icon vocabulary
of the product: a name that is not here draws nothing, and a test compares templates with it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"

FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "uqr.js": "uqr/dist/index.mjs",
    "NotoSansSC-Regular.ttf": "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
    "NotoSansSC-Bold.ttf": "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf",
    "NotoSansSC-LICENSE.txt": "@expo-google-fonts/noto-sans-sc/LICENSE_FONT",
    # only for a day on a vector map, where a county has set one; in a folder of its own, so no phone keeps it
    "maplibre/maplibre-gl.mjs": "maplibre-gl/dist/maplibre-gl.mjs",
    "maplibre/maplibre-gl-worker.mjs": "maplibre-gl/dist/maplibre-gl-worker.mjs",
    "maplibre/maplibre-gl.css": "maplibre-gl/dist/maplibre-gl.css",
    "maplibre/LICENSE.txt": "maplibre-gl/LICENSE.txt",
}

PAGES = VENDOR / "pages"
ENTRIES = ("app.js", "place.js", "scan.js", "passkeys.js", "reply.js")  # named by pages; the rest is imported
ESBUILD = [
    "--bundle",
    "--minify",
    "--splitting",
    "--chunk-names=part-[hash]",
    "--format=esm",
    "--target=es2022",
    "--outbase=static/js",
    "--outdir=static/vendor/pages",
    "--external:../../vendor/uqr.js",  # only for a notice made on the phone
    "--legal-comments=none",
    "--log-level=warning",
]

# our name -> Tabler outline icon
ICONS = {
    "home": "home",
    "premises": "building-store",
    "scan": "scan",
    "notice": "clipboard-text",
    "me": "user-circle",
    "photos": "photo",
    "referral": "scale",
    "chart": "chart-bar",
    "search": "search",
    "camera": "camera",
    "gallery": "library-photo",
    "plus": "plus",
    "check": "check",
    "checks": "checks",
    "cross": "x",
    "minus": "minus",
    "back": "chevron-left",
    "next": "chevron-right",
    "right": "arrow-right",
    "up": "upload",
    "down": "download",
    "sync": "cloud-up",
    "offline": "cloud-off",
    "refresh": "refresh",
    "warning": "alert-triangle",
    "info": "info-circle",
    "flag": "flag",
    "clock": "clock",
    "calendar": "calendar-event",
    "pin": "map-pin",
    "near": "current-location",
    "phone": "phone",
    "people": "users",
    "edit": "pencil",
    "sign": "signature",
    "delete": "trash",
    "filter": "adjustments-horizontal",
    "print": "printer",
    "qr": "qrcode",
    "settings": "settings",
    "language": "language",
    "lock": "lock",
    "logout": "logout",
    "fire": "flame",
    "shield": "shield-check",
    "list": "list-check",
    "history": "history",
    "undo": "arrow-back-up",
    "photo": "photo",
    "building-store": "building-store",
    "clipboard-list": "clipboard-list",
    "user": "user",
    "users": "users",
    "list-check": "list-check",
    "clipboard": "clipboard",
}

_PARTS = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_BLANK = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>')


def _symbol(name: str, icon: str) -> str:
    """One icon as a <symbol>; stroke and size come from the page's CSS."""
    source = (MODULES / "@tabler/icons/icons/outline" / f"{icon}.svg").read_text(encoding="utf-8")
    found = _PARTS.search(source)
    if not found:
        raise ValueError(f"{icon}.svg is not the SVG this script expects")
    shapes = " ".join(_BLANK.sub("", found.group(1)).split()).replace("> <", "><").replace(" />", "/>")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def build_sprite() -> str:
    """The sprite's text; Tabler's licence (MIT) is named inside, as it asks."""
    symbols = "".join(_symbol(name, icon) for name, icon in ICONS.items())
    return f'<svg xmlns="http://www.w3.org/2000/svg"><!-- Tabler Icons, MIT -->{symbols}</svg>\n'


def _write(path: Path, data: bytes) -> None:
    """Write only what changed, so that content hashes and caches stay as they are."""
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)


def pack_scripts() -> None:
    """Our modules in few and small files in static/vendor/pages/: fifty files are too many for a poor line.

    `sources` beside them says which sources they were made of: pages use them only while that is so (app/web/assets).
    """
    sources = _digest_of_scripts()
    if (PAGES / "sources").exists() and (PAGES / "sources").read_text() == sources:
        return
    shutil.rmtree(PAGES, ignore_errors=True)
    command = [str(MODULES / ".bin" / "esbuild"), *(f"static/js/{name}" for name in ENTRIES), *ESBUILD]
    subprocess.run(command, cwd=ROOT, check=True)
    (PAGES / "sources").write_text(sources)


def _digest_of_scripts() -> str:
    """As app/web/assets.scripts_digest counts it, which cannot be imported before the packages are there."""
    names = sorted(
        path.relative_to(ROOT / "static").as_posix()
        for folder in (ROOT / "static" / "js", VENDOR)
        for path in (folder.rglob("*.js") if folder.name == "js" else folder.glob("*.js"))
    )
    digest = hashlib.sha256()
    for name in names:
        if name != "vendor/htmx.min.js" and not name.startswith("js/worker/"):
            digest.update(f"{name}\n".encode() + (ROOT / "static" / name).read_bytes())
    return digest.hexdigest()[:10]


def main() -> int:
    if not MODULES.is_dir():
        print("node_modules is missing: run `npm ci --omit=dev` first", file=sys.stderr)
        return 1
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        target, origin = VENDOR / name, MODULES / source
        target.parent.mkdir(exist_ok=True)
        if not target.exists() or target.stat().st_size != origin.stat().st_size:
            shutil.copyfile(origin, target)
    _write(VENDOR / "icons.svg", build_sprite().encode())
    pack_scripts()
    return 0


if __name__ == "__main__":
    sys.exit(main())
