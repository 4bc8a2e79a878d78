"""Text in drawings stands out from what is behind it, in light and dark: measured on the pixels, as axe cannot see into them."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

LEAST_CONTRAST = 4.5
SCALE = 4
"""Device pixels per CSS pixel: enough for a thin stroke to reach its full colour."""

TEXT_BOXES = """svg => {
  const frame = svg.getBoundingClientRect();
  return [...svg.querySelectorAll('text')].filter(text => text.textContent.trim()).map(text => {
    const box = text.getBoundingClientRect();
    return [text.textContent, box.left - frame.left, box.top - frame.top, box.right - frame.left, box.bottom - frame.top];
  });
}"""
WITHOUT_TEXT = "svg => svg.querySelectorAll('text').forEach(text => { text.style.visibility = 'hidden'; })"

FAINT = """<!DOCTYPE html><html lang="sv"><title>x</title><svg viewBox="0 0 200 40" width="200" height="40">
<rect width="200" height="40" fill="#ffffff"/>
<text x="5" y="15">Tydlig</text><text x="5" y="35" fill="#999999">Otydlig</text></svg>"""


def luminance(pixels: np.ndarray) -> np.ndarray:
    """Return WCAG's relative luminance of sRGB pixels (rows, columns, 3) in 0-1, as (rows, columns)."""
    linear = np.where(pixels <= 0.04045, pixels / 12.92, ((pixels + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(shown: np.ndarray, behind: np.ndarray) -> float:
    """Return the highest contrast of any pixel of the text with the same pixel without the text; 1 where none differs."""
    one, other = luminance(shown), luminance(behind)
    return float(((np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)).max(initial=1))


def picture(element) -> np.ndarray:
    return matplotlib.image.imread(io.BytesIO(element.screenshot()), format="png")[:, :, :3]


def faint_texts(page) -> list[str]:
    """Return the texts in the page's drawings whose contrast is too low."""
    found = []
    for drawing in page.locator("svg").all():
        boxes, shown = drawing.evaluate(TEXT_BOXES), picture(drawing)
        drawing.evaluate(WITHOUT_TEXT)
        behind = picture(drawing)
        for words, *corners in boxes:
            left, top, right, bottom = (max(round(SCALE * number), 0) for number in corners)
            place = np.s_[top:bottom, left:right]
            if contrast(shown[place], behind[place]) < LEAST_CONTRAST:
                found.append(words)
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_in_drawings_stands_out(html_files, opened, scheme):
    found = {}
    for path in html_files:
        with opened(path, scheme=scheme, scale=SCALE) as view:
            found[path.name] = faint_texts(view.page)
    assert found == {path.name: [] for path in html_files}


def test_faint_text_in_a_drawing_is_found(tmp_path, opened):
    path = Path(tmp_path, "faint.html")
    path.write_text(FAINT, encoding="utf-8")
    with opened(path, scale=SCALE) as view:
        assert faint_texts(view.page) == ["Otydlig"]
