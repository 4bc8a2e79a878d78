"""Subset and rename the fonts: python make_fonts.py FOLDER_WITH_INTER_OTF OUT (needs fonttools and brotli)."""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "KAA Inter"
UNICODES = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x2010, 0x2027),
    0x202F,
    0x2030,
    0x20AC,
    0x2190,
    0x2192,
    0x2212,
    0x2248,
    0x2264,
    0x2265,
    0x25B6,
    0x2022,
]
STYLES = {"Regular": "Regular", "SemiBold": "Bold"}

source, out = Path(sys.argv[1]), Path(sys.argv[2])
for style, role in STYLES.items():
    font = TTFont(source / f"Inter-{style}.otf", recalcTimestamp=False)
    options = subset.Options(
        layout_features=["kern", "tnum", "calt", "ccmp", "locl", "mark", "mkmk"],
        name_IDs=[0, 1, 2, 3, 4, 6, 13, 14],
        hinting=True,
        notdef_outline=True,
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=UNICODES)
    subsetter.subset(font)
    names = {1: FAMILY, 2: role, 3: f"{FAMILY} {role}", 4: f"{FAMILY} {role}", 6: f"{FAMILY}-{role}".replace(" ", "")}
    for record in font["name"].names:
        if record.nameID in names:
            record.string = names[record.nameID]
    cff = font["CFF "].cff
    cff.fontNames = [names[6]]
    cff.topDictIndex[0].FullName, cff.topDictIndex[0].FamilyName = names[4], FAMILY
    if role == "Bold":
        font["OS/2"].usWeightClass = 700
    font.save(out / f"kaa-inter-{role.lower()}.otf")
    font.flavor = "woff2"
    font.save(out / f"kaa-inter-{role.lower()}.woff2")
