"""``python -m kaa_analysis.synthetic.margins_page``: write `docs/syntetiskt_register.md`, the scenarios and the margins that the city has come to."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from kaa_analysis.core.project import project_root
from kaa_analysis.core.secure_folder import write_atomically
from kaa_analysis.synthetic.achieved_margins import achieved_margins, margin_counts
from kaa_analysis.synthetic.margins import margins
from kaa_analysis.synthetic.scenario import Scenario, scenario, scenarios
from kaa_analysis.synthetic.simulation import simulate
from kaa_analysis.synthetic.truth.gathering import living_in_the_city

PAGE = Path("docs") / "syntetiskt_register.md"
MEASURED = "stockholm"
HEAD = """# Det påhittade registret

*Sidan skrivs av `python -m kaa_analysis.synthetic.margins_page` och ändras inte för hand.*

Hela årskullar simuleras från årskurs 9 till 20 år, var och en med kända intensiteter: antagning, Skolslussen, avhopp, tider utanför skolan, uppsökande arbete, stöd,
flyttar. Registret, med sina dröjsmål och misstag, är det som kommunen fick veta. Facit skrivs bredvid uttaget (`docs/sanning.md`), och fel kan läggas in i filerna
(`docs/felkatalog.md`). `kaa synth SCENARIO` skriver ett register, `kaa synth --list` berättar vilka som finns.
"""
MARGINS_HEAD = """## Publicerade mått och vad registret fick

Scenariot `{name}`, kalenderåren {first}–{last}: sedan introduktionsprogrammen lämnade målgruppen den 1 juli 2018. Ett mått utanför sina gränser fäller `tests/unit/test_synthetic.py`.
"""
NOT_TARGETS = """### Det som inte är mål

* **Hur många i Stockholm**: folkmängden 16–19 år per stadsdelsområde är inte publicerad. Andelen av befolkningen är målet; antalet följer av scenariots årskullar.
* **Varför de äldsta kommer in**: Norges tal gäller 20-åringar (61–62 procent hade aldrig sökt). Här slutar målgruppen på 20-årsdagen.
* **SUSA:s effekt**: noll om inget annat sägs (`susa_effect`), eftersom ingen utvärdering är publicerad och Plug In inte gav någon.
* **Antal brev, samtal och besök**: stadens egna årsrapporter är inte publika. Stegen och ordningen följer handlingsplanen 4.3.2; hur ofta är val.
"""
DIALS = """## Reglage

Varje tal som dras står i `kaa_analysis/synthetic/margins.yaml` med sin källa, eller som *val*. Ett scenario får ersätta vilket som helst under `settings`. De som utvärderingar ställer på:

| reglage | betyder | som det är |
| --- | --- | ---: |
{rows}
"""
DIAL_MEANINGS = {
    "aim_effect": "hur många gånger tätare studiestart från och med dagen Aim börjar: 1 ingen effekt, 1,6 måttlig, 0,7 skada",
    "aim_in_vasterort": "hur många gånger mer sällan Aim erbjuds i Västerort (en orsak som syns)",
    "aim_by_motivation": "log-odds för Aim per standardavvikelse av motivation (en orsak som inte syns i någon fil)",
    "motivation_on_pace": "log av hur mycket tätare studiestart per standardavvikelse av motivation",
    "district_on_pace": "hur mycket av områdets utgångsläge som bromsar vägen tillbaka",
    "susa_effect": "log-odds för att sakna plats den 15 oktober vid skolor med SUSA",
    "newly_arrived_shock": "hur många gånger fler nyanlända som slutade årskurs 9 åren 2016 och 2017",
}


def margins_page() -> str:
    """Return the page; the margins are measured by simulating the city."""
    chosen = scenario(MEASURED)
    years = chosen.margin_years
    head = MARGINS_HEAD.format(name=MEASURED, first=years[0], last=years[-1])
    return "\n".join(
        [HEAD, "## Scenarier\n", _scenarios(), "", head, _margins(_achieved(chosen)), "", NOT_TARGETS, _dials()]
    )


def main() -> None:
    """Write the page in the project that the working directory lies in."""
    write_atomically(project_root() / PAGE, margins_page().encode(), mode=0o644)


def _achieved(chosen: Scenario) -> pd.DataFrame:
    parts = []
    for batch in chosen.batches:
        simulated = simulate(batch, scenario=chosen)
        population = living_in_the_city(simulated.lives)
        parts.append(margin_counts(simulated.extract, population=population, years=chosen.margin_years))
    return achieved_margins(parts)


def _scenarios() -> str:
    rows = [
        f"| `{name}` | {each.why} | {each.start}–{each.extract_date} | {_whole(each.births_per_year)} |"
        for name, each in scenarios().items()
    ]
    return "\n".join(["| scenario | varför | dagar | födda per år |", "| --- | --- | --- | ---: |", *rows])


def _margins(achieved: pd.DataFrame) -> str:
    rows = [
        f"| `{row.margin}` | {_number(row.target)} | {_number(row.low)}–{_number(row.high)} | {_number(row.achieved)} | {'ja' if row.is_held else 'NEJ'} | {row.source} |"
        for row in achieved.itertuples()
    ]
    return "\n".join(
        ["| mått | mål | gränser | registret | hålls | källa |", "| --- | ---: | ---: | ---: | --- | --- |", *rows]
    )


def _dials() -> str:
    rows = [f"| `{name}` | {meaning} | {_number(margins().share(name))} |" for name, meaning in DIAL_MEANINGS.items()]
    return DIALS.format(rows="\n".join(rows))


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".").replace(".", ",") or "0"


def _whole(value: int) -> str:
    return f"{value:,}".replace(",", "\u00a0")


if __name__ == "__main__":
    main()
