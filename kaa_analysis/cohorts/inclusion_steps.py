"""The steps of a flow of inclusion: their codes, their Swedish words, and the row of each."""

from __future__ import annotations

import pandas as pd

STEP_LABELS = {
    "all": "Alla registreringar i uttaget",
    "outside_period": "Inte registrerad under perioden",
    "not_entering": "Registreringen började inte under perioden",
    "misregistered": "Felregistrerad",
    "not_in_target_group": "Tillhörde inte målgruppen någon registrerad dag under perioden",
    "never_in_target_group": "Tillhörde inte målgruppen någon registrerad dag",
    "other_area": "Bodde i ett annat område, eller området redovisas inte",
    "later_spell": "Senare registrering av samma person",
    "never_reached": "Nåddes inte i något samtal under registreringen",
    "already_taking_part": "Deltog redan före eller från dagen för samtalet",
    "studying_or_20": "Var inskriven i studier eller hade fyllt 20 år vid samtalet",
    "included": "Ingår",
}


def count_row(step: str, kind: str, person: pd.Series) -> dict:
    """Return the row of a step at which some spells are left, ``person`` the person of each: step, kind, label, n_spells, n_persons."""
    return {
        "step": step,
        "kind": kind,
        "label": STEP_LABELS[step],
        "n_spells": len(person),
        "n_persons": person.nunique(),
    }


def flow_row(step: str, kind: str, before: pd.Series, after: pd.Series) -> dict:
    """Return the row of a step that leaves ``after`` of ``before``: the counts are of what it takes away."""
    row, left = count_row(step, kind, before), count_row(step, kind, after)
    return row | {name: row[name] - left[name] for name in ("n_spells", "n_persons")}


def with_last_step(flow: pd.DataFrame, step: str, *, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return a flow with one more exclusion, from ``before`` to ``after``, just above the spells that are included."""
    persons = before["person_id"], after["person_id"]
    rows = [flow_row(step, "excluded", *persons), count_row("included", "included", persons[1])]
    return pd.concat([flow.iloc[:-1], pd.DataFrame(rows)], ignore_index=True)
