"""The page of what is measured against the known truth: `docs/sanning.md`, between its marks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from tests.recovery import experiments
from tests.recovery.participation_ladder import COVARIATES, ladders

PAGE = Path(__file__).parents[2] / "docs" / "sanning.md"
FIRST, LAST = "<!-- uppmätt: början -->", "<!-- uppmätt: slut -->"
WAYS = {"study_placement": "studieplats", "turned_20": "fyllt 20", "moved": "flyttat eller avlidit", "other": "annat"}
SCENARIOS = {
    "no_effect_at_random": "ingen effekt, Aim efter slumpen",
    "no_effect_by_motivation": "ingen effekt, Aim efter motivation",
    "helps": "Aim hjälper (dubbelt så tät studiestart)",
    "harms": "Aim skadar (hälften så tät studiestart)",
}


def measured() -> str:
    """Run every experiment and return the tables in Markdown."""
    with TemporaryDirectory(prefix="kaa-recovery-") as folder:
        followed = experiments.followed_world(Path(folder) / "foljda")
        by_sex, by_age = experiments.everybody_followed(followed)
        naive = experiments.one_minus_kaplan_meier(followed)
        late = experiments.recovered(experiments.late_world(Path(folder) / "sena"))
        rungs = ladders(Path(folder) / "aim")
    aim = experiments.ever_against_never()
    return "\n\n".join([_followed(by_sex, by_age), _naive(naive), _recovered(late), _aim(aim), _ladder(rungs)])


def written(text: str, tables: str) -> str:
    """Return the page's text with the tables between the marks."""
    before, rest = text.split(FIRST)
    return f"{before}{FIRST}\n\n{tables}\n\n{LAST}{rest.split(LAST)[1]}"


def _followed(by_sex: pd.DataFrame, by_age: pd.DataFrame) -> str:
    everybody = by_sex[by_sex["sex"] == "all"]
    rows = [
        (WAYS[row.way_out], row.months, row.count, _percent(row.share), _percent(row.share_left))
        for row in everybody[["way_out", "months", "count", "share", "share_left"]].itertuples(index=False)
    ]
    off = max((table["share_left"] - table["share"]).abs().max() for table in (by_sex, by_age))
    bound = "1e-12" if off < 1e-12 else f"{off:.0e}"
    return (
        f"### Alla följda förbi 20 år\n\n{_whole(everybody['n'].iloc[0])} unga som kom i målgruppen 2022–2024. Skattningen avviker från andelen i sanningen "
        f"med mindre än {bound} i alla {len(by_sex) + len(by_age)} celler (även per kön, och före 20 år per ålder vid inträdet).\n\n"
        + _table(["väg ut", "månader", "antal", "sanning, %", "rapportens skattning, %"], rows)
    )


def _naive(naive: pd.DataFrame) -> str:
    rows = [
        (row.months, _percent(row.truth), _percent(row.aalen_johansen), _percent(row.one_minus_kaplan_meier),
         _points(row.one_minus_kaplan_meier - row.truth))
        for row in naive.itertuples(index=False)
    ]  # fmt: skip
    head = ["månader", "sanning, %", "Aalen–Johansen, %", "1 − Kaplan–Meier, %", "fel, procentenheter"]
    return "### Den naiva 1 − Kaplan–Meier (övriga vägar ut censurerade), studieplats\n\n" + _table(head, rows)


def _recovered(late: pd.DataFrame) -> str:
    rows = [
        (WAYS[row.way_out], row.months, _percent(row.truth), _percent(row.mean), _points(row.mean - row.truth),
         _points(row.standard_error), _percent(row.coverage) if row.truth >= 0.05 else "–", _percent(row.delay_ignored))
        for row in late.itertuples(index=False)
    ]  # fmt: skip
    one = late.iloc[0]
    head = [
        "väg ut", "månader", "sanning, %", "medelvärde, %", "avvikelse, p.e.", "dess medelfel, p.e.", "täckning av 95 %-intervall, %",
        "om sen registrering bortses från, %",
    ]  # fmt: skip
    return (
        f"### Med censurering och sent inträde\n\n{one.n_replicates} upprepningar om {experiments.PER_REPLICATE} registreringar; {_whole(one.n_true)} unga kom i "
        f"målgruppen i september 2021–2024. {_whole(one.n_registered)} av dem hann in i registret, som slutar 31 januari 2025. Täckningen visas där minst 5 % "
        "tar vägen.\n\n" + _table(head, rows)
    )


def _aim(aim: pd.DataFrame) -> str:
    found = aim.set_index(["scenario", "months", "comparison", "persons"])["difference"]
    rows = [
        (words, months, *(_points(found[scenario, months, *place]) for place in (
            ("as_drawn_against_never", "everybody"), ("as_drawn_against_never", "began_aim"), ("ever_against_never", "everybody"),
        )))
        for scenario, words in SCENARIOS.items()
        for months in ("3", "12")
    ]  # fmt: skip
    head = [
        "påhittad värld",
        "månader",
        "sann effekt, alla nådda",
        "sann effekt, de som började Aim",
        "naiv skillnad, Aim mot aldrig Aim",
    ]
    return "### Aim: samma personer med och utan, och den naiva jämförelsen (studieplats, procentenheter)\n\n" + _table(
        head, rows
    )


def _ladder(rungs: pd.DataFrame) -> str:
    rows = [
        (words, _whole(of.iloc[0]["n_persons"]), _whole(of.iloc[0]["n_begun"]), _points(of.iloc[0]["truth"]),
         *(f"{_points(row.estimate)} ({_points(row.lower)} till {_points(row.upper)})" for row in of.itertuples(index=False)))
        for scenario, words in SCENARIOS.items()
        for of in [rungs[rungs["scenario"] == scenario]]
    ]  # fmt: skip
    head = [
        "påhittad värld",
        "nådda",
        "började Aim",
        "sann effekt",
        "naivt: någonsin mot aldrig",
        "landmärke 90 dagar, från start",
        "efterliknat försök: börja inom 90 dagar mot aldrig",
    ]
    return (
        "### Aim i registret: tre sätt att räkna, bredvid sanningen (studieplats inom tolv månader, procentenheter, 95 %-intervall)\n\n"
        f"Uttagen är lästa som verkliga. Det efterliknade försöket väger för {len(COVARIATES)} egenskaper som är kända vid det första samtalet; motivationen står i ingen fil.\n\n"
        + _table(head, rows)
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _whole(number: int) -> str:
    return f"{number:,}".replace(",", "\N{NO-BREAK SPACE}")


def _percent(share: float) -> str:
    return f"{100 * share:.1f}".replace(".", ",")


def _points(difference: float) -> str:
    text = f"{100 * difference:.1f}".replace(".", ",").replace("-", "−")
    return "0,0" if text == "−0,0" else text
