"""Drawing a figure once and keeping it as SVG and as PNG: equal bytes each time.

The SVG has real text, ids that no other figure has, and a title and description; the PNG is for formats that take no SVG.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from kaa_analysis.present.style import FONT_STACK, RC, WIDTH_INCHES
from kaa_analysis.present.typeface import FAMILY, known_to_matplotlib

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PNG_DPI = 220
NO_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}

_PROLOGUE = re.compile(r"<\?xml.*?\?>\s*|<!DOCTYPE.*?>\s*", re.DOTALL)
_GLOBAL_STYLE = re.compile(r"\s*<defs>\s*<style type=\"text/css\">.*?</style>\s*</defs>", re.DOTALL)
_OPENING = re.compile(r"<svg [^>]*?viewBox=\"(?P<box>[^\"]+)\"[^>]*>")
_ID = re.compile(r' id="([^"]+)"')
_REFERENCE = re.compile(r'(?:url\(#|href="#)([^)"]+)')


@dataclass(frozen=True)
class Drawing:
    """One drawn figure in two formats. ``svg`` is a whole SVG document; ``png`` has `PNG_DPI` dots per inch on white."""

    svg: str
    png: bytes = field(repr=False)


def drawing(draw: Callable[[Figure], None], *, height_inches: float, slug: str, title: str, alt: str) -> Drawing:
    """Return what ``draw`` draws, with ``title`` and ``alt`` inside the SVG.

    Every id begins with ``slug``; the width is that of all figures.
    """
    from matplotlib import rc_context, rcdefaults, rcParams
    from matplotlib.figure import Figure

    known_to_matplotlib()
    with rc_context():
        rcdefaults()  # whatever settings the reader's own machine has
        rcParams.update(RC)
        figure = Figure(figsize=(WIDTH_INCHES, height_inches), layout="constrained")
        draw(figure)
        svg, png = io.StringIO(), io.BytesIO()
        figure.savefig(svg, format="svg", metadata=NO_METADATA)
        figure.set_layout_engine("none")  # the places are found: the same in both
        figure.savefig(png, format="png", dpi=PNG_DPI, facecolor="white", metadata={"Software": None})
    return Drawing(_accessible(_own_ids(_plain(svg.getvalue()), slug), slug=slug, title=title, alt=alt), png.getvalue())


def _plain(svg: str) -> str:
    """Take away the prologue, the style rule that would reach the whole page, comments and the measuring font."""
    svg = _GLOBAL_STYLE.sub("", _PROLOGUE.sub("", svg), count=1)
    svg = re.sub(r"\s*<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    return svg.replace(f"'{FAMILY}'", FONT_STACK).strip() + "\n"


def _own_ids(svg: str, slug: str) -> str:
    """Drop ids nothing refers to and put ``slug`` before the others."""
    used = set(_REFERENCE.findall(svg))
    svg = _ID.sub(lambda found: f' id="{slug}-{found[1]}"' if found[1] in used else "", svg)
    return _REFERENCE.sub(lambda found: found[0].replace(found[1], f"{slug}-{found[1]}"), svg)


def _accessible(svg: str, *, slug: str, title: str, alt: str) -> str:
    beginning = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox='
    rest = (
        f'role="img" lang="sv" aria-labelledby="{slug}-svg-title {slug}-svg-desc" '
        'style="stroke-linejoin: round; stroke-linecap: butt">'
        f'<title id="{slug}-svg-title">{escape(title, quote=False)}</title>'
        f'<desc id="{slug}-svg-desc">{escape(alt, quote=False)}</desc>'
    )
    return _OPENING.sub(lambda found: f'{beginning}"{found["box"]}" {rest}', svg, count=1)
