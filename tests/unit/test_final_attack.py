"""The last word on a release: where the protection fails, the attack stops it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kaa_analysis.core.errors import DisclosureError
from kaa_analysis.core.result import Count, Dimension, Result
from kaa_analysis.disclosure import protect as door
from kaa_analysis.disclosure.final_attack import refuse_what_is_given_away
from kaa_analysis.disclosure.hiding.cell_system import CellSystem
from kaa_analysis.disclosure.ledger import Ledger, PublishedCell
from kaa_analysis.disclosure.policy import Policy

SEX = Dimension("sex", "Kön", {"all": "Totalt", "female": "Flickor", "male": "Pojkar"}, total="all")
FOUND = r"räkna tillbaka till enskilda"


def result(female: int, male: int) -> Result:
    """Return a table of one count by sex."""
    rows = pd.DataFrame({"sex": ["all", "female", "male"], "n": [female + male, female, male]})
    return Result("reached", "Nådda", (SEX, Count("n", "Antal", "reached")), rows)


def only_the_unsafe(system: CellSystem, *, width: int) -> np.ndarray:
    """Return what a protection hides that does not know of sums."""
    return system.unsafe


def nothing(system: CellSystem, *, width: int) -> np.ndarray:
    """Return what no protection hides."""
    return np.zeros(len(system.ids), dtype=bool)


def test_a_protection_that_forgets_what_sums_give_away_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "hidden_cells", only_the_unsafe)
    with pytest.raises(DisclosureError, match=FOUND):
        door.protect([result(3, 37)], policy=Policy(), ledger=Ledger.empty())


def test_a_protection_that_hides_nothing_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "hidden_cells", nothing)
    with pytest.raises(DisclosureError, match=FOUND):
        door.protect([result(3, 37)], policy=Policy(), ledger=Ledger.empty())


@pytest.mark.parametrize("protection", [only_the_unsafe, nothing])
def test_what_the_policy_calls_unsafe_is_what_is_attacked(monkeypatch: pytest.MonkeyPatch, protection) -> None:
    monkeypatch.setattr(door, "hidden_cells", protection)
    door.protect([result(7, 37)], policy=Policy(unsafe_below=5), ledger=Ledger.empty())
    with pytest.raises(DisclosureError, match=FOUND):
        door.protect([result(7, 37)], policy=Policy(unsafe_below=10), ledger=Ledger.empty())


def test_the_sums_of_earlier_releases_are_known_to_the_attack() -> None:
    two, policy = result(3, 3), Policy()
    released = door.protect([two], policy=policy, ledger=Ledger.empty())
    earlier = (PublishedCell("seven", 7), PublishedCell("ten", 10))
    refuse_what_is_given_away(released, results=[two], policy=policy, ledger=Ledger(earlier))
    ten_is_seven_and_the_girls = ((-1, "ten"), (1, "seven"), (1, "reached|sex=female"))
    with pytest.raises(DisclosureError, match=FOUND):
        refuse_what_is_given_away(
            released, results=[two], policy=policy, ledger=Ledger(earlier, sums=(ten_is_seven_and_the_girls,))
        )


def test_an_earlier_release_that_showed_what_is_hidden_now_is_known_to_the_attack() -> None:
    two, policy = result(3, 3), Policy()
    released = door.protect([two], policy=policy, ledger=Ledger.empty())
    with pytest.raises(DisclosureError, match=FOUND):
        refuse_what_is_given_away(
            released, results=[two], policy=policy, ledger=Ledger((PublishedCell("reached|sex=male", 3),))
        )
