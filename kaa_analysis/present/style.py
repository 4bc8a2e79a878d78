"""The look of every figure: one width, one type size, one accent colour and greys. Values only; nothing is set globally."""

from __future__ import annotations

from kaa_analysis.present.typeface import FAMILY

WIDTH_INCHES = 6.3
"""160 mm: the text width of a printed page with margins of 25 mm."""

TYPE_POINTS = 10.0
SMALL_POINTS = 9.0

INK = "#1b2127"
MUTED = "#56616b"
ACCENT = "#1b5e9b"
QUIET_BAR = "#8793a0"
HAIRLINE = "#d5dbe0"

CURVE_COLOURS = (ACCENT, INK, "#6b7784", "#a04a1c", "#8793a0")
"""At most five curves: the accent, ink and greys, and one warm colour that stays apart for the colour-blind."""

CURVE_LABEL_COLOURS = (*CURVE_COLOURS[:-1], MUTED)
"""As the curves, but dark enough for text."""

CURVE_MARKERS = ("o", "s", "^", "D", "v")
"""Nothing is said by colour alone."""

FONT_STACK = f"'{FAMILY}', 'Inter', 'Segoe UI', system-ui, sans-serif"
"""Inside a page the first is always there; a figure opened by itself may meet the others."""

RC: dict[str, object] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "kaa",
    "text.parse_math": False,
    "font.family": FAMILY,
    "font.size": TYPE_POINTS,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.unicode_minus": True,
    "axes.titlesize": TYPE_POINTS,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.axisbelow": True,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": TYPE_POINTS,
    "ytick.labelsize": TYPE_POINTS,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "grid.color": HAIRLINE,
    "grid.linewidth": 0.8,
    "lines.linewidth": 1.2,
    "lines.solid_capstyle": "round",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "figure.dpi": 72,
}
