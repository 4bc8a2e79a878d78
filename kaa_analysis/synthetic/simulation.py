"""A register simulated a batch at a time: lives, what the register made of them, and what is known of that on the day of extract."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from kaa_analysis.synthetic.batches import Batch
from kaa_analysis.synthetic.extract_tables import extract_tables, in_extract
from kaa_analysis.synthetic.lives import AS_IT_WAS, Lives, World, lives_of
from kaa_analysis.synthetic.margins import margins_of
from kaa_analysis.synthetic.registrations import Registered, registered
from kaa_analysis.synthetic.scenario import Scenario
from kaa_analysis.synthetic.unlinked_tables import unlinked_tables


@dataclass(frozen=True, eq=False)
class Simulated:
    """A batch as it was, as the register has it, and as the extract shows it.

    ``extract`` holds the tables of the raw files with a column *identity*, of the persons that are in the extract, in the order of identities.
    ``unlinked`` holds what stands for no person in the files: surveys and the cohorts of schools, to be put together over all batches.
    """

    lives: Lives
    register: Registered
    extract: dict[str, pd.DataFrame]
    unlinked: dict[str, pd.DataFrame]


def simulate(batch: Batch, *, scenario: Scenario) -> Simulated:
    """Return a batch of ``scenario``. The same scenario gives the same persons, whatever the batches."""
    margins = margins_of(scenario.settings)
    lives = lives_in(batch, scenario=scenario)
    register = registered(lives, seed=scenario.seed, margins=margins)
    chosen = in_extract(lives, register, scenario)
    return Simulated(
        lives=lives,
        register=register,
        extract=extract_tables(lives, register, chosen, scenario=scenario, margins=margins),
        unlinked=unlinked_tables(lives, register, scenario=scenario, margins=margins),
    )


def lives_in(batch: Batch, *, scenario: Scenario, world: World = AS_IT_WAS) -> Lives:
    """Return the lives of a batch of ``scenario``, as they were or would have been in another ``world``."""
    return lives_of(batch, seed=scenario.seed, margins=margins_of(scenario.settings), world=world)
