"""How the gate expects an interval to be written, beside what the forms write: two pieces of code that know nothing of each other."""

from __future__ import annotations

import pytest

from kaa_analysis.core.result import Estimate
from kaa_analysis.disclosure.released import State
from kaa_analysis.present.formats import interval_text, number
from kaa_analysis.render.gate.placed_cells import interval
from kaa_analysis.render.gate.released_lines import LineCell
from kaa_analysis.render.gate.structural_numbers import plain


def limit(value: float | None, state: State = State.SHOWN) -> LineCell:
    return LineCell(Estimate("lower", "Skillnad (procentenheter)", ("n",), digits=1), value, state, "x")


@pytest.mark.parametrize(
    ("limits", "written"),
    [
        ((0.2, 2.5), "0,2-2,5"),
        ((-3.3, 6.6), "-3,3 till 6,6"),
        ((-2.5, -0.2), "-2,5 till -0,2"),
        ((-0.04, 2.5), "0,0-2,5"),
        ((-1012.0, 0.0), "-1 012,0 till 0,0"),
    ],
)
def test_the_gate_and_the_forms_write_an_interval_alike(limits, written):
    assert interval(*map(limit, limits)) == written
    assert plain(interval_text(*(number(value, digits=1) for value in limits))) == written


def test_a_limit_that_is_not_shown_hides_the_whole():
    assert interval(limit(-2.5), limit(None, State.PROTECTED)) == ".."
    assert interval_text("−2,5", "..") == ".."
