"""Enlarged text and narrow screens: nothing is cut off, and only tables and drawings scroll sideways, in boxes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

VIEWS = {
    "full width": {},
    "200 %": {"width": 640, "scale": 2},
    "200 %, dark": {"width": 640, "scale": 2, "scheme": "dark"},
    "400 %": {"width": 320, "scale": 4},
    "400 %, dark": {"width": 320, "scale": 4, "scheme": "dark"},
}

# Room beyond the page's width; boxes that hide what does not fit; texts that reach outside their drawing by more than a pixel.
FAULTS = """() => {
  document.querySelectorAll('details').forEach(folded => { folded.open = true; });
  const name = element => `${element.tagName} ${element.id || element.className} ${element.textContent.trim().slice(0, 40)}`;
  const root = document.scrollingElement;
  const hidden = [...document.querySelectorAll('body *')].filter(element => {
    const style = getComputedStyle(element);
    return !element.closest('svg') && style.display !== 'inline' && (
      ['hidden', 'clip'].includes(style.overflowX) && element.scrollWidth > element.clientWidth
      || ['hidden', 'clip'].includes(style.overflowY) && element.scrollHeight > element.clientHeight
      || style.textOverflow === 'ellipsis');
  });
  const outside = [...document.querySelectorAll('svg text')].filter(text => {
    const inner = text.getBoundingClientRect(), outer = text.ownerSVGElement.getBoundingClientRect();
    return inner.left < outer.left - 1 || inner.right > outer.right + 1
      || inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1;
  });
  const sideways = root.scrollWidth > root.clientWidth ? [`sidan är ${root.scrollWidth} px bred av ${root.clientWidth}`] : [];
  return [...sideways, ...hidden.map(name), ...outside.map(name)];
}"""

CUT_OFF = """<!DOCTYPE html><html lang="sv"><title>x</title><body style="width: 900px">
<p style="overflow: hidden; width: 50px; white-space: nowrap">En text som inte får plats</p>
<svg viewBox="0 0 100 20" width="100" height="20"><text x="90" y="15">Utanför</text></svg>"""


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_cut_off_and_the_page_does_not_scroll_sideways(html_files, opened, view):
    found = {}
    for path in html_files:
        with opened(path, **VIEWS[view]) as seen:
            found[path.name] = seen.page.evaluate(FAULTS)
    assert found == {path.name: [] for path in html_files}


def test_a_page_that_cuts_off_its_text_is_found(tmp_path, opened):
    path = Path(tmp_path, "cut.html")
    path.write_text(CUT_OFF, encoding="utf-8")
    with opened(path, width=640) as view:
        faults = view.page.evaluate(FAULTS)
    assert [fault.split()[0] for fault in faults] == ["sidan", "P", "text"]
