"""The page with a keyboard alone, and as a screen reader walks through it."""

from __future__ import annotations

from itertools import pairwise

import pytest

STEPS = 400
"""More presses of Tab than any page has stops."""

# Everything a reader must be able to reach, as its place among all elements: links, summaries and boxes that scroll.
STOPS = """() => {
  const all = [...document.querySelectorAll('*')];
  const scrolls = element => element.scrollWidth > element.clientWidth
    && ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
  return all.flatMap((element, place) =>
    element.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})
    && (element.matches('a[href], summary, [tabindex="0"]') || scrolls(element)) ? [place] : []);
}"""
FOCUSED = """() => {
  const element = document.activeElement, style = getComputedStyle(element), box = element.getBoundingClientRect();
  return {
    place: [...document.querySelectorAll('*')].indexOf(element),
    body: element === document.body,
    marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""
IN_MAIN = "place => document.querySelector('main').contains(document.querySelectorAll('*')[place])"
WALK = ("heading", "table", "image")


def tab_stops(page) -> list[dict]:
    """Return what Tab stops at from the top of the page until it leaves it."""
    stops = []
    for _ in range(STEPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["body"]:
            return stops
        stops.append(stop)
    raise AssertionError(f"Tab kom aldrig ut ur sidan på {STEPS} tryck")


def accessible(page) -> dict[str, list]:
    """Return what a screen reader is told of headings (level and name), tables and images (name)."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    told: dict[str, list] = {role: [] for role in WALK}
    for node in (item for item in nodes if not item["ignored"]):
        role, name = node["role"]["value"], node.get("name", {}).get("value", "")
        if role == "heading":
            (level,) = (item["value"]["value"] for item in node["properties"] if item["name"] == "level")
            told[role].append((level, name))
        elif role in told:
            told[role].append(name)
    return told


@pytest.mark.parametrize("width", [1280, 320])
def test_tab_reaches_every_link_fold_and_scrolling_box_in_the_order_of_the_page(html_files, opened, width):
    for path in html_files:
        with opened(path, width=width) as view:
            wanted = view.page.evaluate(STOPS)
            stops = tab_stops(view.page)
        assert [stop["place"] for stop in stops] == wanted, path.name
        assert [stop for stop in stops if not (stop["marked"] and stop["seen"])] == []


def test_the_first_stop_leads_past_everything_to_the_content(html_files, opened):
    for path in html_files:
        with opened(path) as view:
            view.page.keyboard.press("Tab")
            assert view.page.evaluate("document.activeElement.textContent") == "Hoppa till innehållet"
            view.page.keyboard.press("Enter")
            assert view.page.evaluate("document.activeElement.tagName") == "MAIN"
            inside = [place for place in view.page.evaluate(STOPS) if view.page.evaluate(IN_MAIN, place)]
            view.page.keyboard.press("Tab")
            assert [view.page.evaluate(FOCUSED)["place"]][: len(inside)] == inside[:1]


def test_folded_boxes_open_and_close_by_enter_and_space(html_files, opened):
    n_folded = 0
    for path in html_files:
        with opened(path) as view:
            for folded in view.page.locator("details").all():
                folded.locator("> summary").focus()
                states = []
                for key in ("Enter", "Space", "Space", "Enter"):
                    view.page.keyboard.press(key)
                    states.append(folded.evaluate("folded => folded.open"))
                assert states == [True, False, True, False]
                n_folded += 1
    assert n_folded > 0


def test_headings_tables_and_drawings_have_names_and_levels(html_files, opened):
    for path in html_files:
        with opened(path) as view:
            view.page.evaluate("document.querySelectorAll('details').forEach(folded => { folded.open = true; })")
            told = accessible(view.page)
            counted = view.page.evaluate(
                "['h1, h2, h3, h4, h5, h6', 'table', 'svg'].map(kind => document.querySelectorAll(kind).length)"
            )
        levels = [level for level, _ in told["heading"]]
        assert [len(told["heading"]), len(told["table"]), len(told["image"])] == counted
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))
        assert "" not in [*(name for _, name in told["heading"]), *told["table"], *told["image"]]


@pytest.mark.parametrize("width", [1280, 320])
def test_what_is_read_first_stands_first(html_files, opened, width):
    for path in html_files:
        with opened(path, width=width) as view:
            tops = view.page.evaluate(
                "[...document.querySelectorAll('h1, main > *')].map(element => element.getBoundingClientRect().top)"
            )
        assert tops == sorted(tops), path.name
        assert len(tops) > 1


def test_the_page_asks_for_nothing_and_complains_of_nothing(html_files, opened):
    for path in html_files:
        with opened(path) as view:
            assert view.requests == [path.as_uri()]
            assert view.troubles == []


def test_a_request_and_an_error_would_be_seen(tmp_path, opened):
    path = tmp_path / "asking.html"
    path.write_text('<!DOCTYPE html><title>x</title><img src="missing.png"><script>boom()</script>', encoding="utf-8")
    with opened(path) as view:
        assert view.requests == [path.as_uri(), (tmp_path / "missing.png").as_uri()]
        assert len(view.troubles) == 2
