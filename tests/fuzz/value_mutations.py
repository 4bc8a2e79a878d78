"""Mutations of cells: dates, identities as Excel spoils them, quotes and delimiters, numbers, codes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from random import Random

from tests.fuzz.packages import Package, Row, Table
from tests.fuzz.table_mutations import Mutation, any_table

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
IDENTITY = re.compile(r"\d{12}|\d{1,4}")
IDENTITY_COLUMNS = frozenset({"PERSONNUMMER", "id"})
NUMBER = re.compile(r"\d{1,8}")
CODE = re.compile(r"[A-Z]{1,4}|[01]")
EXCEL_DAY_ZERO = date(1899, 12, 30)

Change = Callable[[str, Random], str]


def _cells(change: Change, *, fits: Callable[[str, str], bool]) -> Mutation:
    """Return the mutation that changes fitting cells of one column of a table, in one row or several, or every fitting cell of a row."""

    def mutate(package: Package, draw: Random) -> None:
        for _ in range(4):
            table = any_table(package, draw)
            if _change_cells(table, change, fits, draw):
                return

    return mutate


def _change_cells(table: Table, change: Change, fits: Callable[[str, str], bool], draw: Random) -> bool:
    columns = [
        place for place, name in enumerate(table.header) if any(_fits(row, place, name, fits) for row in table.rows)
    ]
    if not columns:
        return False
    chosen = columns if draw.random() < 0.1 else [draw.choice(columns)]
    rows = [row for row in table.rows if any(_fits(row, place, table.header[place], fits) for place in chosen)]
    for row in draw.sample(rows, k=draw.choice([1, 1, min(3, len(rows)), len(rows)])):
        for place in chosen:
            if _fits(row, place, table.header[place], fits):
                row[place] = change(row[place], draw)
    return True


def _fits(row: Row, place: int, name: str, fits: Callable[[str, str], bool]) -> bool:
    return place < len(row) and fits(name, row[place])


def _is_day(name: str, value: str) -> bool:
    return DAY.fullmatch(value) is not None


def _is_identity(name: str, value: str) -> bool:
    return name in IDENTITY_COLUMNS and value != ""


def _is_number(name: str, value: str) -> bool:
    return name not in IDENTITY_COLUMNS and NUMBER.fullmatch(value) is not None


def _is_code(name: str, value: str) -> bool:
    return name not in IDENTITY_COLUMNS and CODE.fullmatch(value) is not None


def _is_any(name: str, value: str) -> bool:
    return True


def other_format(value: str, draw: Random) -> str:
    year, month, day = value.split("-")
    return draw.choice(
        [f"{day}/{month}/{year}", f"{month}/{day}/{year}", f"{day}.{month}.{year}", f"{year}{month}{day}",
         f"{year[2:]}-{month}-{day}", f"{year}-{int(month)}-{int(day)}", f"{year}/{month}/{day}", f"{year}-{month}",
         f" {value}", f"{value} ", f"{value}.", f"{year}\u2011{month}\u2011{day}", f"{day} mars {year}"]
    )  # fmt: skip


def swapped_parts(value: str, draw: Random) -> str:
    year, month, day = value.split("-")
    return f"{year}-{day}-{month}"


def impossible_day(value: str, draw: Random) -> str:
    return value[:5] + draw.choice(["02-30", "13-01", "00-00", "04-31", "02-29", "12-32", "99-99"])


def excel_serial(value: str, draw: Random) -> str:
    year, month, day = map(int, value.split("-"))
    serial = (date(year, month, min(day, 28)) - EXCEL_DAY_ZERO).days if 1 <= month <= 12 else 0
    return f"{serial}{draw.choice(['', '.0', ',5'])}"


def far_year(value: str, draw: Random) -> str:
    return draw.choice(["0001", "1583", "1899", "1900", "2099", "2100", "2262", "9999", "10000", "-2005"]) + value[4:]


def with_time(value: str, draw: Random) -> str:
    return value + draw.choice([" 00:00:00", "T00:00:00", "T23:59:59Z", "T12:00:00+02:00", " 00:00", "Z"])


def moved_day(value: str, draw: Random) -> str:
    try:
        return (date.fromisoformat(value) + timedelta(days=draw.choice([-4000, -1, 1, 4000]))).isoformat()
    except ValueError:
        return value


def scientific(value: str, draw: Random) -> str:
    digits = "".join(filter(str.isdigit, value)) or "0"
    mark = draw.choice([".", ","])
    return f"{digits[0]}{mark}{digits[1:6]}E{draw.choice(['+', ''])}{len(digits) - 1}"


def dropped_digits(value: str, draw: Random) -> str:
    return draw.choice([value[2:], value[:-1], value[:-4], value[:10] + "0", value[:8], value[1:]])


def with_signs(value: str, draw: Random) -> str:
    sign = draw.choice(["-", "+", " ", "\u00a0", "\u2013", "\u202f", ".", "\t"])
    return draw.choice([value[:-4] + sign + value[-4:], value[2:-4] + sign + value[-4:], sign + value, value + sign])


def apostrophe(value: str, draw: Random) -> str:
    return draw.choice([f"'{value}", f'="{value}"', f"\u2019{value}", f'"{value}"'])


def lost_zeros(value: str, draw: Random) -> str:
    return draw.choice([value[2:].lstrip("0"), value.lstrip("0"), f"{value}.0", f"{value},00"])


def other_digits(value: str, draw: Random) -> str:
    return draw.choice(
        [value[:-1] + str((int(value[-1]) + 1) % 10) if value[-1].isdecimal() else value,
         value.translate({ord("0") + n: chr(0x0660 + n) for n in range(10)}),
         value.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)}),
         value.replace("0", "O"), value.replace("1", "l"), value[::-1]]
    )  # fmt: skip


def quotes(value: str, draw: Random) -> str:
    return draw.choice([f'"{value}', f'{value}"', f'{value[:2]}"{value[2:]}', f'""{value}', f"»{value}«", f"'{value}'"])


def delimiters(value: str, draw: Random) -> str:
    return value + draw.choice([";", ",", "\t", "|", ";;", "\n", "\r\n", "\r", "\u2028", "\x85", "\x0b", "\x1f"]) + "x"


def negative(value: str, draw: Random) -> str:
    return draw.choice([f"-{value}", f"\u2212{value}", f"+{value}", f"({value})"])


def huge(value: str, draw: Random) -> str:
    return draw.choice(["9" * 9, "9" * 10, "9" * 19, "9" * 400, "1e308", "inf", "nan", "0x10", "1_000"])


def decimals(value: str, draw: Random) -> str:
    return value + draw.choice([".0", ",0", ".5", " 000", "\u00a0000", "%", "st"])


def other_numerals(value: str, draw: Random) -> str:
    return draw.choice(["²", "٣", "½", "", " ", "0", "00" + value, "ett"])


def lower_case(value: str, draw: Random) -> str:
    return draw.choice([value.lower(), f" {value}", f"{value} ", value.title(), value + "\u200b"])


def unknown_code(value: str, draw: Random) -> str:
    return draw.choice(["XX", "ÖVR", "?", "NA", "nan", "NULL", "None", "-", "0", "#N/A", "#REF!", "true", "J"])


def sensitive_code(value: str, draw: Random) -> str:
    return draw.choice(["SJV", "SVS", "sjv"])


def emptied(value: str, draw: Random) -> str:
    return draw.choice(["", " ", "\u00a0", "."])


def free_text(value: str, draw: Random) -> str:
    identity = f"2005{draw.choice(['81', '83'])}151016"
    return draw.choice(
        [f"Kanarie {identity}", f"Kanarie {identity[2:8]}-{identity[8:]}", "=Kanarie()", "Kanarie\x07", "Kanarie \U0001f426",
         "Kanarie" * 60, "<b>Kanarie</b>", "%s{0}$Kanarie", "Kanarie\\n", "../Kanarie", "e\u0301 Kanarie"]
    )  # fmt: skip


DATES: Mapping[str, Mutation] = {
    "format": _cells(other_format, fits=_is_day),
    "swapped": _cells(swapped_parts, fits=_is_day),
    "impossible": _cells(impossible_day, fits=_is_day),
    "Excel serial": _cells(excel_serial, fits=_is_day),
    "far year": _cells(far_year, fits=_is_day),
    "with time": _cells(with_time, fits=_is_day),
    "moved": _cells(moved_day, fits=_is_day),
}
IDENTITIES: Mapping[str, Mutation] = {
    "scientific": _cells(scientific, fits=_is_identity),
    "dropped digits": _cells(dropped_digits, fits=_is_identity),
    "signs": _cells(with_signs, fits=_is_identity),
    "apostrophe": _cells(apostrophe, fits=_is_identity),
    "lost zeros": _cells(lost_zeros, fits=_is_identity),
    "other digits": _cells(other_digits, fits=_is_identity),
    "emptied": _cells(emptied, fits=_is_identity),
}
FIELDS: Mapping[str, Mutation] = {
    "quotes": _cells(quotes, fits=_is_any),
    "delimiters": _cells(delimiters, fits=_is_any),
    "free text": _cells(free_text, fits=_is_any),
    "emptied": _cells(emptied, fits=_is_any),
}
NUMBERS: Mapping[str, Mutation] = {
    "negative": _cells(negative, fits=_is_number),
    "huge": _cells(huge, fits=_is_number),
    "decimals": _cells(decimals, fits=_is_number),
    "other numerals": _cells(other_numerals, fits=_is_number),
}
CODES: Mapping[str, Mutation] = {
    "lower case": _cells(lower_case, fits=_is_code),
    "unknown": _cells(unknown_code, fits=_is_code),
    "sensitive": _cells(sensitive_code, fits=_is_code),
}
