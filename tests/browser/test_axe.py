"""No rule of axe-core is broken on any page, however it is read; and the check can fail."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FOLDED_OUT = "document.querySelectorAll('details').forEach(folded => { folded.open = true; })"
NO_SHADOWS = ".kaa-scroll { background: none !important; }"
"""The shadow at a table's edge is an image to axe, which then decides no contrast in front of it."""

READERS = {
    "light": {},
    "dark": {"scheme": "dark"},
    "print": {"media": "print"},
    "print from dark": {"media": "print", "scheme": "dark"},
    "zoomed": {"width": 640, "scale": 2},
    "phone": {"width": 320},
}
WIDE = ("light", "dark", "print", "print from dark")

BROKEN = """<!DOCTYPE html><html><head><title>Trasig</title></head><body><main>
<h1>Trasig</h1><h3>Hoppad nivå</h3><p style="color: #bbbbbb; background: #ffffff">Svag text</p>
<a href="#x"></a><svg role="img" viewBox="0 0 1 1"></svg></main></body></html>"""
BROKEN_RULES = ["color-contrast", "heading-order", "html-has-lang", "link-name", "svg-img-alt"]


def examined(page, *, wide: bool = True) -> dict[str, list[str]]:
    """Return the broken and the undecided rules, each with the places where.

    Only the wide views decide contrast: in the narrow ones a table's sticky headings lie over its cells, in the same colours.
    """
    page.add_style_tag(content=NO_SHADOWS)
    page.evaluate(FOLDED_OUT)
    rules = {"color-contrast": {"enabled": wide}}
    answer = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}, "rules": rules}).response
    found: dict[str, list[str]] = {}
    for item in [*answer["violations"], *answer["incomplete"]]:
        for node in item["nodes"]:
            if item in answer["violations"] or not decided_otherwise(page, item["id"], node):
                found.setdefault(item["id"], []).append(f"{node['target']} {node['failureSummary']}")
    return found


def decided_otherwise(page, rule: str, node: dict) -> bool:
    """Return whether an undecided place is known to be right, or is decided by another test.

    The text in drawings is measured in `test_drawings`. The heading of a row group spans the table, and axe then sees no cells
    under the last column's heading.
    """
    if rule == "color-contrast":
        return node["html"].startswith("<text")
    grouped = page.locator(node["target"][0]).locator('th[scope="rowgroup"][colspan]')
    return rule == "th-has-data-cells" and grouped.count() > 0


@pytest.mark.parametrize("reader", READERS)
def test_no_rule_is_broken_or_undecided(html_files, opened, reader):
    found = {}
    for path in html_files:
        with opened(path, **READERS[reader]) as view:
            found[path.name] = examined(view.page, wide=reader in WIDE)
    assert found == {path.name: {} for path in html_files}


def test_a_broken_page_is_found_broken(tmp_path, opened):
    path = Path(tmp_path, "broken.html")
    path.write_text(BROKEN, encoding="utf-8")
    with opened(path) as view:
        assert sorted(examined(view.page)) == BROKEN_RULES
