"""The one typeface of all formats: Inter (SIL OFL 1.1), cut down to the letters of European languages and given a name of its own.

Shipped, so that text is measured and read alike on every machine; `docs/decisions/0005-typeface.md` says how it was made.
"""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from pathlib import Path

FAMILY = "KAA Inter"
FONTS = Path(__file__).with_name("fonts")
WEIGHTS = {"regular": "400", "bold": "500 700"}


@cache
def known_to_matplotlib() -> str:
    """Make the typeface known to matplotlib, which keeps one list of fonts for the whole process, and return its name."""
    from matplotlib.font_manager import fontManager

    for style in WEIGHTS:
        fontManager.addfont(FONTS / f"kaa-inter-{style}.otf")
    return FAMILY


def missing_characters(text: str) -> list[str]:
    """Return the characters of ``text`` that the typeface lacks, each once, in order.

    >>> missing_characters("Åsa Öberg–Núñez, 29 kap. 9 §"), len(missing_characters("Иван"))
    ([], 4)
    """
    return [character for character in dict.fromkeys(text) if ord(character) not in _characters()]


@cache
def _characters() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    return frozenset(FT2Font(str(FONTS / "kaa-inter-regular.otf")).get_charmap())


@cache
def font_face_rules() -> str:
    """Return the style rules that carry the typeface inside a page."""
    return "".join(
        f'@font-face{{font-family:"{FAMILY}";font-weight:{weight};font-style:normal;font-display:block;'
        f'src:url(data:font/woff2;base64,{_base64(style)}) format("woff2")}}\n'
        for style, weight in WEIGHTS.items()
    )


def _base64(style: str) -> str:
    return b64encode((FONTS / f"kaa-inter-{style}.woff2").read_bytes()).decode()
