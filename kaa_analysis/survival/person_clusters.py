"""Which spells belong to one person, for variances that hold them together."""

from __future__ import annotations

import pandas as pd


def person_clusters(times: pd.DataFrame) -> pd.Series | None:
    """Return the person of each spell if any has several, else None: with one spell each the plain variance is the same and needs no persons.

    >>> person_clusters(pd.DataFrame({"person_id": ["a", "b"]})) is None
    True
    >>> person_clusters(pd.DataFrame({"person_id": ["a", "b", "a"]})).tolist()
    ['a', 'b', 'a']
    """
    persons = times["person_id"]
    return persons if persons.duplicated().any() else None
