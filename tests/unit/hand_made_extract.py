"""A tiny extract of seven invented persons, written by hand: every kind of error has a row there that it can happen to."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from kaa_analysis.synthetic.invented_identity import impossible_identity
from kaa_analysis.synthetic.raw_files import COLUMNS, as_text

EXTRACT_DATE = date(2025, 1, 31)
OPTIONAL_FILES = ("aktiviteter.csv", "antagning.csv", "aviseringar.csv", "enkater.csv", "skolor.csv")
BORN = {
    "A": date(2005, 3, 5),
    "B": date(2004, 1, 20),
    "C": date(2007, 5, 6),
    "D": date(2006, 2, 3),
    "E": date(2001, 12, 31),
    "F": date(2007, 9, 10),
    "G": date(2007, 11, 30),
}
SEX = {"A": "M", "B": "K", "C": "M", "D": "K", "E": "M", "F": "K", "G": "M"}
IDENTITIES = {
    letter: impossible_identity(born, serial=230 + number * 2 + (SEX[letter] == "M"))
    for number, (letter, born) in enumerate(BORN.items())
}
"""A is out of the gymnasium for the second time, B turned 20, C goes to school, D has finished, E was registered long ago, F was for a spring, G is."""

FILES = {
    "personer.csv": """
        A 2005-03-05 M N J N 100000001
        B 2004-01-20 K N J N 100000002
        C 2007-05-06 M N J N 100000003
        D 2006-02-03 K N N J 100000004
        E 2001-12-31 M N J N 100000005
        F 2007-09-10 K N J N 100000006
        G 2007-11-30 M N J N 100000007""",
    "folkbokforing.csv": """
        A 0180 RIK 2005-03-05 2021-05-31
        A 0180 BRO 2021-06-01 -
        B 0180 SKA 2004-01-20 -
        C 0180 JAR 2023-07-02 -
        D 0180 FAR 2006-02-03 -
        E 0114 - 2001-12-31 2016-03-05
        E 0180 KUN 2016-03-06 -
        F 0180 SOD 2007-09-10 -
        G 0114 - 2016-01-05 2016-03-05
        G 0180 BRO 2016-03-06 -""",
    "skolgang.csv": """
        A GR - 91000043 Fristående 2012-08-20 2021-06-10 FU
        A NP EK 90000004 Fristående 2021-08-17 2022-05-31 AV
        A IMA - 90000005 Fristående 2022-08-16 2023-01-10 AV
        B GR - 91000043 Fristående 2011-08-20 2020-06-10 FU
        C GR - 91000043 Fristående 2014-08-20 2023-06-14 FU
        C NP EK 90000004 Fristående 2023-08-15 - -
        D GR - 91000043 Fristående 2013-08-20 2022-06-14 FU
        D NP EK 90000004 Fristående 2022-08-15 2024-12-20 FU
        F NP EK 90000004 Fristående 2024-08-20 - -
        G GR - 91000043 Fristående 2014-08-20 2023-06-14 FU""",
    "bevis.csv": """
        A GRU 2021-06-09
        D GEX 2024-12-20""",
    "kaa.csv": """
        A 1 2022-06-01 AVN 2022-08-15 IM NP 2022-06-10
        A 2 2023-01-11 IMS - - IMA 2023-01-20
        B 1 2022-03-04 ALD 2024-01-19 F20 GR 2022-03-10
        E 1 2018-01-10 OKA 2018-05-31 ANN GR 2018-01-15
        E 2 2018-09-01 OKA 2018-09-20 FEL GR 2018-09-02
        F 1 2024-02-03 ALD 2024-08-19 NP - 2024-03-20
        G 1 2024-05-07 ALD - - GR 2024-05-08""",
    "kontakter.csv": """
        A 1 2023-02-01 U BREV HT2022 - - EJ - -
        A 2 2023-02-10 U TEL - - - EJ - -
        A 3 2023-02-15 U TEL - - - EJ - -
        A 4 2023-02-20 U TEL - - - NA - -
        A 5 2023-03-01 U KNACK - - 2023-03-10 EJ - -
        A 6 2023-03-10 U HEM - 2 - SV 2023-03-20 U
        A 7 2024-06-03 U SMS - - - EJ - -
        B 1 2023-05-01 U SMS - - - VH - -""",
    "insatser.csv": """
        A 1 COA AMF 2023-03-25 J 2023-04-01 2023-06-30 ARB ARB J - - -
        A 2 SYV UTBF 2024-06-01 N - - - - - - - -""",
    "aktiviteter.csv": """
        A 1 ARB 2023-07-01 - 2024-12-01
        B 1 PRA 2022-09-01 2022-12-31 2022-09-10""",
    "antagning.csv": """
        D 2022 SLUT ANT 2022-06-20 -
        F 2023 SLUT EJA - -""",
    "aviseringar.csv": """
        C 1 FRV 2024-11-05 90000004""",
    "enkater.csv": """
        FK 1 2024-05-01 2024-05-09 F1=4
        FK 2 2024-06-01 - -""",
    "skolor.csv": """
        91000043 RIK Fristående 2015-09-01 2019-08-31 RIN""",
}


def rows_of(file: str) -> list[tuple[str, ...]]:
    """Return the rows of a file as they are written: letters are identities, - is empty."""
    lines = [line.split() for line in FILES[file].strip().splitlines()]
    has_persons = file not in ("enkater.csv", "skolor.csv")
    return [
        tuple(
            IDENTITIES[field] if has_persons and not place else field.replace("-", "", field == "-")
            for place, field in enumerate(line)
        )
        for line in lines
    ]


def write_extract(folder: Path) -> Path:
    """Write the extract whole and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in FILES:
        (folder / file).write_text(as_text(COLUMNS[file], rows_of(file)), encoding="utf-8", newline="\n")
    note = [(file, str(len(rows_of(file))), EXTRACT_DATE.isoformat()) for file in FILES]
    (folder / "leverans.csv").write_text(as_text(("FIL", "RADER", "UTTAGSDATUM"), note), encoding="utf-8", newline="\n")
    return folder
