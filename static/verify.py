"""Checks evidence exported from Xuncha: who signed it, and every file against the hash it was packed with.

    python3 verify.py                      the folder this file lies in
    python3 verify.py photos.zip           the ZIP as it was received, without unpacking it
    python3 verify.py photos.zip --key k   with the public key from the county's own address, not from the ZIP

Needs Python 3.8 and nothing else. Ends with 0 where everything is as it was signed, 1 where something differs, 2 where
there is nothing to check. 只需要 Python 3：核对签名，并逐个核对文件哈希。
"""

import argparse
import base64
import hashlib
import json
import pathlib
import sys
import zipfile
import zlib

HEAD, HEAD_SIGNATURE = "export.json", "export.json.sig"  # of an export of photos
MANIFEST, SIGNATURE = "manifest.json", "manifest.json.sig"  # of a referral's evidence
SUMS, KEY = "SHA256SUMS", "public-key.pem"
CHUNK = 1 << 20
LARGEST_LIST = 256 << 20  # bytes of a list that are read at most

# ---- Ed25519 (RFC 8032), verification alone ----

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME
ROOT = pow(2, (PRIME - 1) // 4, PRIME)


def _x_of(y, sign):
    """The x of a point whose y is known; None where no point has it."""
    if y >= PRIME:
        return None
    square = (y * y - 1) * pow(CURVE * y * y + 1, PRIME - 2, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * ROOT % PRIME
    if (x * x - square) % PRIME or (x == 0 and sign):
        return None
    return PRIME - x if (x & 1) != sign else x


def _add(one, other):
    """Two points in extended coordinates."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % PRIME
    b = (one[1] + one[0]) * (other[1] + other[0]) % PRIME
    c = 2 * one[3] * other[3] * CURVE % PRIME
    d = 2 * one[2] * other[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def _times(number, point):
    found = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = _add(found, point)
        point = _add(point, point)
        number >>= 1
    return found


def _point(packed):
    y = int.from_bytes(packed, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % PRIME)


def _packed(point):
    inverse = pow(point[2], PRIME - 2, PRIME)
    x, y = point[0] * inverse % PRIME, point[1] * inverse % PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


_BASE_Y = 4 * pow(5, PRIME - 2, PRIME) % PRIME
BASE = (_x_of(_BASE_Y, 0), _BASE_Y, 1, _x_of(_BASE_Y, 0) * _BASE_Y % PRIME)


def signed_by(key, data, signature):
    """Whether `signature` (64 bytes) under `data` was made with the private half of `key` (32 bytes)."""
    if len(signature) != 64 or len(key) != 32:
        return False
    public, s = _point(key), int.from_bytes(signature[32:], "little")
    if public is None or s >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + data).digest(), "little") % ORDER
    negated = (PRIME - public[0], public[1], 1, PRIME - public[3])
    return _packed(_add(_times(s, BASE), _times(challenge, negated))) == signature[:32]


def read_key(pem):
    """(the 32 bytes, the fingerprint as printed); raises ValueError for anything but an Ed25519 public key."""
    text = pem.decode("ascii", "replace")
    inside = text.partition("-----BEGIN PUBLIC KEY-----")[2].partition("-----END PUBLIC KEY-----")[0]
    body = base64.b64decode("".join(inside.split()), validate=True)
    if len(body) != 44 or not body.startswith(bytes.fromhex("302a300506032b6570032100")):
        raise ValueError("no Ed25519 public key")
    digest = hashlib.sha256(body).hexdigest()[:32].upper()
    return body[12:], " ".join(digest[place : place + 4] for place in range(0, 32, 4))


# ---- where the files are ----


class Folder:
    """An unpacked export."""

    def __init__(self, path):
        self.path = path

    def names(self):
        found = (path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file())
        return [name for name in found if not name.startswith("__pycache__/")]

    def open(self, name):
        try:
            target = (self.path / name).resolve()
            if self.path.resolve() in target.parents:
                return target.open("rb")
        except (OSError, ValueError, RuntimeError):  # also names that no system can have, links that go in a ring
            pass
        raise KeyError(name)


class Zip:
    """An export as it was received."""

    def __init__(self, path):
        self.file = zipfile.ZipFile(path)

    def names(self):
        return [entry.filename for entry in self.file.infolist() if not entry.is_dir()]

    def open(self, name):
        return self.file.open(name)


BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


def sha256(source, name):
    """The file's hash; "" where it is not there, "?" where it cannot be read to its end."""
    digest = hashlib.sha256()
    try:
        with source.open(name) as file:
            for chunk in iter(lambda: file.read(CHUNK), b""):
                digest.update(chunk)
    except KeyError:
        return ""
    except BROKEN:
        return "?"
    return digest.hexdigest()


def whole(source, name):
    """The bytes of a small file; None where it is not there or cannot be read."""
    try:
        with source.open(name) as file:
            return file.read(LARGEST_LIST)
    except KeyError:
        return None
    except BROKEN:
        return None


def entries_of(said):
    """The entries of a manifest that are entries at all: what was tampered with may hold anything."""
    listed = said if isinstance(said, list) else []
    return [entry for entry in listed if isinstance(entry, dict) and isinstance(entry.get("name"), str)]


def shown(name):
    """A name on one line: signs that steer a terminal could hide what is said after it."""
    return "".join(sign if sign.isprintable() else "\\u{:04x}".format(ord(sign)) for sign in name)


# ---- the check ----


class Check:
    """What was found, line by line."""

    def __init__(self, source, key=None):
        self.source, self.given = source, key
        self.lines, self.wrong, self.told, self.fingerprint = [], 0, set(), "-"

    def bad(self, name, words):
        if (name, words) not in self.told:
            self.told.add((name, words))
            self.wrong += 1
            self.note(name, words)

    def note(self, name, words):
        self.lines.append(words + "\t" + shown(name))

    def run(self):
        names = self.source.names()
        seen = set()
        for name in names:
            if name in seen:
                self.bad(name, "TWICE in the ZIP / 出现两次")
            seen.add(name)
        if whole(self.source, HEAD) is not None or HEAD_SIGNATURE in names:
            listed = self.photos()
        elif MANIFEST in names:
            listed = self.referral()
        else:
            return None
        wanted, ours = listed
        for name in wanted:
            if name not in ours:
                self.compare(name, wanted[name])
        for name in sorted(set(names) - set(wanted) - ours):
            self.bad(name, "ADDED, not of this evidence / 多出，不属于本材料")
        return len(set(wanted) | ours)

    def photos(self):
        """An export of photos: a small signed head, which vouches for the lists."""
        head = self.signed(HEAD, HEAD_SIGNATURE) or {}
        lists = head.get("files", {}) if isinstance(head.get("files"), dict) else {}
        for name in sorted(lists):
            self.compare(name, lists[name])
        sums = self.sums() if SUMS in lists and sha256(self.source, SUMS) == lists[SUMS] else None
        entries = self.entries()
        whole_manifest = entries is not None and sha256(self.source, MANIFEST) == lists.get(MANIFEST)
        found = {entry["name"]: entry["sha256"] for entry in entries or () if entry.get("sha256")}
        if sums is None and not whole_manifest:
            self.bad(SUMS, "no list is as it was signed; compared with them as they are / 清单不可信")
            sums = self.sums()
        for entry in entries if whole_manifest else ():
            self.state(entry)
        return (found if sums is None else sums), {HEAD, HEAD_SIGNATURE, *lists}

    def referral(self):
        """A referral's evidence: the manifest itself is signed."""
        entries = entries_of((self.signed(MANIFEST, SIGNATURE) or {}).get("files"))
        for entry in entries:
            self.state(entry)
        return {one["name"]: one["sha256"] for one in entries if one.get("sha256")}, {MANIFEST, SIGNATURE}

    def signed(self, name, signature_name):
        """The signed JSON, and whether its signature holds."""
        data, signature = whole(self.source, name), whole(self.source, signature_name)
        pem = self.given or whole(self.source, KEY)
        if data is None:
            self.bad(name, "MISSING / 缺少")
            return None
        try:
            key, fingerprint = read_key(pem or b"")
        except ValueError:
            key, fingerprint = b"", "-"
            self.bad(KEY, "NO KEY / 没有可用的公钥")
        if signature is None:
            self.bad(signature_name, "MISSING / 缺少")
        elif key and not signed_by(key, data, signature):
            self.bad(name, "SIGNATURE DOES NOT FIT / 签名不符")
        elif key:
            self.note(name, "signature holds / 签名有效")
        self.fingerprint = fingerprint
        try:
            said = json.loads(data.decode("utf-8"))
        except (ValueError, RecursionError):
            self.bad(name, "UNREADABLE / 无法读取")
            return None
        return said if isinstance(said, dict) else None

    def sums(self):
        lines = (whole(self.source, SUMS) or b"").decode("utf-8", "replace").splitlines()
        pairs = (line.split("  ", 1) for line in lines if "  " in line)
        return {name: digest for digest, name in pairs}

    def entries(self):
        try:
            said = json.loads((whole(self.source, MANIFEST) or b"").decode("utf-8"))
        except (ValueError, RecursionError):
            return None
        return entries_of(said) if isinstance(said, list) else None

    def state(self, entry):
        if entry.get("state") == "missing":
            self.note(entry["name"], "was already missing when this was packed / 打包时原件已缺失")
        elif entry.get("state") == "removed":
            self.note(entry["name"], "was deleted after its period before this was packed / 打包前已按保存期限删除")
        elif entry.get("state") == "damaged":
            self.note(entry["name"], "was no longer as received when this was packed / 打包时已与接收时不一致")

    def compare(self, name, digest):
        found = sha256(self.source, name)
        if found == "":
            self.bad(name, "MISSING / 缺少")
        elif found != digest:
            self.bad(name, "CHANGED / 被改动")


def main(arguments=None):
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    reader = argparse.ArgumentParser(description="Checks exported evidence / 校验导出的材料")
    reader.add_argument("path", nargs="?", default=str(pathlib.Path(__file__).resolve().parent))
    reader.add_argument("--key", help="the public key (PEM) from the county's own address / 从县里网址下载的公钥")
    wanted = reader.parse_args(arguments)
    path = pathlib.Path(wanted.path)
    try:
        key = pathlib.Path(wanted.key).read_bytes() if wanted.key else None
        source = Folder(path) if path.is_dir() else Zip(path)
        check = Check(source, key)
        files = check.run()
    except BROKEN as error:
        print("cannot be read / 无法读取\t{}\t{}".format(wanted.path, error))
        return 2
    if files is None:
        print("no evidence here / 这里没有可校验的材料\t{}".format(wanted.path))
        return 2
    print("\n".join(check.lines))
    if not key:
        print("the key came with the evidence; compare its fingerprint with the county's:")
        print("公钥取自材料本身，请与县里核对指纹：")
        print("    " + check.fingerprint)
    print("files {}, wrong {} / 文件 {} 个，有问题 {} 个".format(files, check.wrong, files, check.wrong))
    print("WRONG / 有问题" if check.wrong else "OK / 完好")
    return 1 if check.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
