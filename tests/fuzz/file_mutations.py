"""Mutations of finished files: bytes, encodings, whole files, the description of the extract."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from random import Random

from tests.fuzz.binary_files import repacked
from tests.fuzz.packages import NOTE, Package
from tests.fuzz.table_mutations import Mutation

ByteChange = Callable[[bytes, Random], bytes]


def _content(change: ByteChange) -> Mutation:
    def mutate(package: Package, draw: Random) -> None:
        names = [name for name, content in package.contents.items() if content is not None]
        if names:
            name = draw.choice(names)
            content = package.contents[name]
            is_inside = content[:2] == b"PK" and draw.random() < 0.8
            package.contents[name] = repacked(content, change, draw) if is_inside else change(content, draw)

    return mutate


def flip(content: bytes, draw: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 10)) if content else 0):
        changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def delete(content: bytes, draw: Random) -> bytes:
    at = draw.randint(0, len(content))
    return content[:at] + content[at + draw.choice((1, 1, 2, 30)) :]


def insert(content: bytes, draw: Random) -> bytes:
    at = draw.randint(0, len(content))
    return (
        content[:at]
        + draw.choice([b"\n", b";", b'"', b"\r", b"\xff", b"\xc3", b"\x1a", b" ", b"\t", b","])
        + content[at:]
    )


def truncate(content: bytes, draw: Random) -> bytes:
    return content[: draw.randint(0, len(content))]


def null(content: bytes, draw: Random) -> bytes:
    at = draw.randint(0, len(content))
    return content[:at] + b"\x00" * draw.choice((1, 100)) + content[at:]


def random_bytes(content: bytes, draw: Random) -> bytes:
    return draw.randbytes(draw.choice((1, 10, 1000)))


def without_newline(content: bytes, draw: Random) -> bytes:
    places = [place for place, byte in enumerate(content) if byte == 0x0A]
    at = draw.choice([*places[:1], *places]) if places else len(content)
    return content[:at] + content[at + 1 :]


def swap_blocks(content: bytes, draw: Random) -> bytes:
    one, other = sorted((draw.randint(0, len(content)), draw.randint(0, len(content))))
    return content[other:] + content[one:other] + content[:one]


def byte_order_mark(content: bytes, draw: Random) -> bytes:
    return draw.choice([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"]) + content


def other_encoding(content: bytes, draw: Random) -> bytes:
    names = ["cp1252", "cp850", "utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32", "iso8859-10", "mac_roman"]
    return _text(content).encode(draw.choice(names), errors="replace")


def mojibake(content: bytes, draw: Random) -> bytes:
    return content.decode("cp1252", errors="replace").encode("utf-8")


def mixed_encodings(content: bytes, draw: Random) -> bytes:
    lines = _text(content).split("\n")
    names = ["utf-8", "utf-8", "cp1252", "cp850"]
    return b"\n".join(line.encode(draw.choice(names), errors="replace") for line in lines)


def decomposed(content: bytes, draw: Random) -> bytes:
    return content.replace("å".encode(), b"a\xcc\x8a").replace("ö".encode(), b"o\xcc\x88")


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")


def _any_file(package: Package, draw: Random) -> str:
    return draw.choice(sorted(package.contents) or [NOTE])


def missing_file(package: Package, draw: Random) -> None:
    package.contents.pop(_any_file(package, draw), None)


def empty_file(package: Package, draw: Random) -> None:
    package.contents[_any_file(package, draw)] = draw.choice([b"", b"\n", b" ", b"\xef\xbb\xbf", b"\r\n\r\n"])


def folder_for_file(package: Package, draw: Random) -> None:
    package.contents[draw.choice([*sorted(package.contents), "mapp"])] = None


def other_name(package: Package, draw: Random) -> None:
    name = _any_file(package, draw)
    package.contents[draw.choice(_other_names(name))] = package.contents.pop(name, b"")


def further_file(package: Package, draw: Random) -> None:
    name = _any_file(package, draw)
    place = draw.choice([package.contents, package.placed])
    place[draw.choice(_other_names(name))] = draw.choice([package.contents.get(name), b"", b"\x00", None])


def _other_names(name: str) -> list[str]:
    return [name.upper(), f"{name}.bak", name.replace(".csv", ".CSV"), "200581151016.csv", "20058115-1016.csv", f" {name}",
            f".{name}", name.replace(".csv", ""), "Kopia av " + name, "uttag.yaml", "namn\nrad.csv", "a" * 200 + ".csv",
            os.fsdecode(b"k\xe5a.csv"), "kåa.csv", "~$kaa.csv", f"{name.partition('.')[0]}.xlsx", f"{name.partition('.')[0]}.parquet", "Thumbs.db", "kaa.csv.zip"]  # fmt: skip


def swap_contents(package: Package, draw: Random) -> None:
    one, other = _any_file(package, draw), _any_file(package, draw)
    package.contents.setdefault(one, b"")
    package.contents.setdefault(other, b"")
    package.contents[one], package.contents[other] = package.contents[other], package.contents[one]


def spoiled_description(package: Package, draw: Random) -> None:
    package.description = draw.choice(
        [b"", b"- ber", b"layout: [", b"layout: 3", b"layout: ber_demo\nextra: 1", b"layout: hemlig", b"layout: ../ber",
         b"layout: ber", b"layout: mvad", b"layout: ber_demo\nextract_date: 2025-01-31", b"\xff\xfe", b"layout: \x00",
         b'layout: ber_demo\nextract_date: "2025-02-30"', b"layout: ber_demo\nextract_date: 2025-01-31 10:00:00",
         b"layout: ber_demo\nextract_date: 20250131", b"layout: ber_demo\nextract_date: [2025]", b"layout: ber_demo\nlayout: ber",
         b"layout: ber_demo\nobserved_from: 9999-12-31", b'layout: ber_demo\nobserved_from: "2020-01-01"', b"&a [*a]",
         b"layout: !!python/object/apply:os.getcwd []", b"1: 2", b"[]: 3", b"? {a: 1}\n: 2", b"layout: ber_demo\n1: 2\na: 3",
         b"layout: ber_demo\nextract_date: null", b"layout: 2005-01-15", b"layout: &x [*x]", b"layout: ber_demo\nextract_date: .nan",
         b"layout: ber_demo\nextract_date: 2025-99-99", b"a: &a [1]\nb: *b", b"%YAML 9", b"layout: mvad\nextract_date: 0001-01-01"]
    )  # fmt: skip


def flipped_description(package: Package, draw: Random) -> None:
    content = b'layout: ber_demo\nextract_date: "2025-01-31"\n'
    package.description = draw.choice([flip, delete, insert, truncate, null, random_bytes])(content, draw)


BYTES: Mapping[str, Mutation] = {
    "flip": _content(flip),
    "delete": _content(delete),
    "insert": _content(insert),
    "truncate": _content(truncate),
    "null": _content(null),
    "random": _content(random_bytes),
    "without newline": _content(without_newline),
    "swap blocks": _content(swap_blocks),
}
ENCODINGS: Mapping[str, Mutation] = {
    "byte-order mark": _content(byte_order_mark),
    "other": _content(other_encoding),
    "mojibake": _content(mojibake),
    "mixed": _content(mixed_encodings),
    "decomposed": _content(decomposed),
}
FILES: Mapping[str, Mutation] = {
    "missing": missing_file,
    "empty": empty_file,
    "folder": folder_for_file,
    "other name": other_name,
    "further": further_file,
    "swapped": swap_contents,
}
DESCRIPTION: Mapping[str, Mutation] = {"spoiled": spoiled_description, "bytes": flipped_description}
