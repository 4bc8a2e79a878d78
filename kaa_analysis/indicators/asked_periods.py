"""Tables over several periods, side by side: what they are asked about, and how counts become a result with its words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import pandas as pd

from kaa_analysis.core.chosen_area import ChosenArea
from kaa_analysis.core.periods import Period
from kaa_analysis.core.result import Cell, Count, Dimension, Equation, Result, Share
from kaa_analysis.indicators import splits
from kaa_analysis.indicators.splits import SEX
from kaa_analysis.indicators.tally import share, table
from kaa_analysis.target_population import TargetPopulation

if TYPE_CHECKING:
    from kaa_analysis.store import Register


@dataclass(frozen=True)
class AskedPeriods:
    """What a table is asked about: the periods, the target group (None: by the default rules), the district (None: all)."""

    register: Register
    periods: Sequence[Period]
    population: TargetPopulation | None
    area: ChosenArea | None

    @property
    def split(self) -> Dimension:
        """The split by period.

        Raises:
            DefinitionError: there is no period, or two have the same label.
        """
        return splits.period_dimension(self.periods)

    @property
    def context(self) -> dict[str, str]:
        """What belongs to the place of every cell."""
        return splits.place(self.register.extract_date, area=self.area)

    def places(self) -> Iterator[Callable[..., Cell]]:
        """Give, for every period and sex, the function that names the cell of a measure there (`splits.at`)."""
        for period, sex in product(self.split.labels, SEX.labels):
            yield partial(splits.at, context=self.context, period=period, sex=sex)

    def in_each(self, rows_of: Callable[[Period], pd.DataFrame]) -> pd.DataFrame:
        """Return the rows of every period below each other, with its label."""
        return pd.concat([rows_of(period).assign(period=period.label) for period in self.periods], ignore_index=True)

    def result(
        self,
        name: str,
        title: str,
        *,
        by: Sequence[Dimension],
        counts: Mapping[Count, pd.Series],
        note: str,
        shares: Sequence[Share] = (),
        equations: Iterable[Equation] = (),
    ) -> Result:
        """Return the counts, each over every combination of ``by``, as the result ``name``, the shares worked out after them.

        To the title are added the district and the periods, to the note whom the table is about and what is not yet observed.
        """
        numbers = {count.name: values for count, values in counts.items()}
        found = {one.name: share(numbers[one.numerator], numbers[one.denominator]) for one in shares}
        extract_date = self.register.extract_date
        return Result(
            id=name,
            title=f"{title}{splits.located(self.area)}, {splits.span(self.periods)}",
            columns=(*by, *counts, *shares),
            table=table(numbers | found),
            context=self.context,
            equations=tuple(equations),
            note=note + splits.whose(self.area) + splits.partly_observed(self.periods, extract_date),
            source=splits.citation(self.register.source, extract_date),
            method=splits.method(name, area=self.area),
        )
