"""How a released table is laid out for reading: which dimensions become rows, row groups and columns, and every cell's text.

Tables of persons are read total/girls/boys, so the dimension *sex* is spread over columns when there is room. The last row
dimension makes the rows, the others together make row groups. A table without row dimensions has a row per measure. Periods that are to
be compared row by row are spread over columns in the same way (`years_grid`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kaa_analysis.core.result import Dimension, Share, Text
from kaa_analysis.disclosure.released import Released
from kaa_analysis.present.formats import NOT_APPLICABLE, interval_text
from kaa_analysis.present.interval import INTERVAL_LABEL, interval_label, partner
from kaa_analysis.present.reading import Row, rows

SPREAD = "sex"
YEARS = "period"
MOST_SPREAD_COLUMNS = 9
"""Beyond this many columns a table is easier to read with the sexes as rows."""

TOTAL_LABEL = "Totalt"
MEASURES_LABEL = "Mått"
GROUP_JOINT = ": "
COLUMN_GAP = "  "


@dataclass(frozen=True)
class Heading:
    """A column heading that spans ``columns`` and ``lines`` of the head."""

    text: str
    columns: int = 1
    lines: int = 1
    numeric: bool = True


@dataclass(frozen=True)
class Line:
    """A row of the body: row headers, then a text per column."""

    headers: tuple[str, ...]
    cells: tuple[str, ...]
    total: bool = False


@dataclass(frozen=True)
class Group:
    """Rows that belong together, under a label of their own if they have one."""

    label: str
    lines: tuple[Line, ...]
    total: bool = False


@dataclass(frozen=True)
class Grid:
    """A table as it is read. ``numeric`` says of each column of cells whether it is right-aligned."""

    head: tuple[tuple[Heading, ...], ...]
    groups: tuple[Group, ...]
    row_headers: int
    numeric: tuple[bool, ...]

    def texts(self) -> list[str]:
        """Return the text of every cell of the body."""
        return [text for group in self.groups for line in group.lines for text in line.cells]


@dataclass(frozen=True)
class Measure:
    """One thing that is read per row: a column, or the two bounds of an interval shown as one."""

    label: str
    names: tuple[str, ...]
    numeric: bool = True

    def text(self, row: Row | None) -> str:
        """Return the text of this measure in a row; a combination that has no row is not applicable."""
        if row is None:
            return NOT_APPLICABLE
        texts = [row.point(name).table_text for name in self.names]
        return interval_text(*texts) if len(texts) == 2 else texts[0]


def grid(released: Released) -> Grid:
    """Return the layout of a released table."""
    measures = _measures(released, left_out=_said_elsewhere(released))
    dimensions = released.of_role(Dimension)
    sex = next((dimension for dimension in dimensions if dimension.name == SPREAD), None)
    row_dimensions = [dimension for dimension in dimensions if dimension is not sex]
    if not row_dimensions:
        return _measures_as_rows(released, measures, sex)
    if sex is not None and len(measures) * len(_values(released, sex)) > MOST_SPREAD_COLUMNS:
        row_dimensions, sex = dimensions, None
    return _dimensions_as_rows(released, measures, row_dimensions, sex)


def beside_grid(released: Released) -> Grid:
    """Return the layout with a row per measure, and the values of the first split, each by the second, as columns."""
    first, second = released.of_role(Dimension)
    by_place = {tuple(row.place[split.name] for split in (first, second)): row for row in rows(released)}
    upper, lower = (list(dict.fromkeys(place[at] for place in by_place)) for at in (0, 1))
    lines = tuple(
        Line((measure.label,), tuple(measure.text(by_place.get((one, other))) for one in upper for other in lower))
        for measure in _measures(released, left_out=frozenset())
    )
    head = (
        (
            Heading(MEASURES_LABEL, lines=2, numeric=False),
            *(Heading(dimension_text(first, one), columns=len(lower)) for one in upper),
        ),
        tuple(Heading(dimension_text(second, other)) for _ in upper for other in lower),
    )
    return Grid(head, (Group("", lines),), row_headers=1, numeric=(True,) * (len(upper) * len(lower)))


def years_grid(released: Released) -> Grid:
    """Return the layout with the periods beside each other under every measure, and the other splits as rows."""
    dimensions = released.of_role(Dimension)
    [period] = [dimension for dimension in dimensions if dimension.name == YEARS]
    others = [dimension for dimension in dimensions if dimension is not period]
    return _dimensions_as_rows(released, _measures(released, left_out=frozenset()), others, period)


def dimension_text(dimension: Dimension, value: str) -> str:
    """Return the text of a dimension's value; a total without a label of its own is *Totalt*."""
    if value == dimension.total and value not in dimension.labels:
        return TOTAL_LABEL
    return dimension.text(value)


def _values(released: Released, dimension: Dimension) -> list[str]:
    found = list(dict.fromkeys(row.place[dimension.name] for row in rows(released)))
    return sorted(found, key=lambda value: value != dimension.total)


def _measures(released: Released, *, left_out: Collection[str]) -> list[Measure]:
    by_name = {column.name: column for column in released.columns if not isinstance(column, Dimension)}
    uppers = {upper for name in by_name if (upper := partner(name, by_name))}
    measures = []
    for name, column in by_name.items():
        if name in left_out or name in uppers:
            continue
        upper = partner(name, by_name)
        if upper is not None:
            another = any(len(measure.names) == 2 for measure in measures)
            measures.append(Measure(interval_label(measures[-1].label) if another else INTERVAL_LABEL, (name, upper)))
        else:
            measures.append(Measure(column.label, (name,), numeric=not isinstance(column, Text)))
    return measures


def _said_elsewhere(released: Released) -> set[str]:
    """Return the denominators that another row of the table already shows as its numerator (all exits, all registered)."""
    found = rows(released)
    names = [dimension.name for dimension in released.of_role(Dimension)]
    return {
        share.denominator
        for share in released.of_role(Share)
        if any(_repeats(found, share, along=name) for name in names if name != SPREAD)
    }


def _repeats(found: list[Row], share: Share, *, along: str) -> bool:
    by_rest: dict[tuple[str, ...], list[Row]] = {}
    for row in found:
        by_rest.setdefault(tuple(value for name, value in row.place.items() if name != along), []).append(row)
    return all(_is_one_numerator(together, share) for together in by_rest.values())


def _is_one_numerator(together: list[Row], share: Share) -> bool:
    if any(share.numerator not in row.points or share.denominator not in row.points for row in together):
        return False
    denominators = {row.point(share.denominator).table_text for row in together}
    numerators = {row.point(share.numerator).table_text for row in together}
    return len(together) > 1 and len(denominators) == 1 and denominators <= numerators


def _measures_as_rows(released: Released, measures: list[Measure], sex: Dimension | None) -> Grid:
    by_value = {row.place[sex.name] if sex else "": row for row in rows(released)}
    values = _values(released, sex) if sex else [""]
    labels = [dimension_text(sex, value) for value in values] if sex else ["Värde"]
    lines = tuple(
        Line((measure.label,), tuple(measure.text(by_value.get(value)) for value in values)) for measure in measures
    )
    head = ((Heading("", numeric=False), *(Heading(label) for label in labels)),)
    return Grid(head, (Group("", lines),), row_headers=1, numeric=(True,) * len(values))


def _dimensions_as_rows(
    released: Released, measures: list[Measure], dimensions: list[Dimension], across: Dimension | None
) -> Grid:
    values = _values(released, across) if across else [""]
    by_place: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in rows(released):
        place = tuple(row.place[dimension.name] for dimension in dimensions)
        by_place.setdefault(place, {})[row.place[across.name] if across else ""] = row
    last = dimensions[-1]
    lines = {place: _line(place[-1], found, last, measures, values) for place, found in by_place.items()}
    columns = [(measure, value) for measure in measures for value in _own_values(measure, values)]
    return Grid(
        head=_head(last, measures, across, values),
        groups=_groups(lines, dimensions[:-1]),
        row_headers=1,
        numeric=tuple(measure.numeric for measure, _ in columns),
    )


def _own_values(measure: Measure, values: list[str]) -> list[str]:
    return values if measure.numeric else values[:1]


def _line(value: str, found: dict[str, Row], dimension: Dimension, measures: list[Measure], values: list[str]) -> Line:
    return Line(
        headers=(dimension_text(dimension, value),),
        cells=tuple(measure.text(found.get(own)) for measure in measures for own in _own_values(measure, values)),
        total=dimension.total is not None and value == dimension.total,
    )


def _groups(lines: dict[tuple[str, ...], Line], dimensions: list[Dimension]) -> tuple[Group, ...]:
    """Return a group per combination of all dimensions but the last; one without a label if there is only the last."""
    by_place: dict[tuple[str, ...], list[Line]] = {}
    for place, line in lines.items():
        by_place.setdefault(place[:-1], []).append(line)
    return tuple(_group(dimensions, place, found) for place, found in by_place.items())


def _group(dimensions: list[Dimension], place: tuple[str, ...], lines: list[Line]) -> Group:
    pairs = list(zip(dimensions, place, strict=True))
    label = GROUP_JOINT.join(dimension_text(dimension, value) for dimension, value in pairs)
    at_total = [dimension.total is not None and value == dimension.total for dimension, value in pairs]
    return Group(label, tuple(lines), total=bool(pairs) and all(at_total))


def _head(
    dimension: Dimension, measures: list[Measure], across: Dimension | None, values: list[str]
) -> tuple[tuple[Heading, ...], ...]:
    lines = 2 if across else 1
    corner = Heading(dimension.label, lines=lines, numeric=False)
    if across is None:
        return ((corner, *(Heading(measure.label, numeric=measure.numeric) for measure in measures)),)
    upper = tuple(
        Heading(measure.label, columns=len(values))
        if measure.numeric
        else Heading(measure.label, lines=2, numeric=False)
        for measure in measures
    )
    lower = tuple(Heading(dimension_text(across, value)) for measure in measures if measure.numeric for value in values)
    return ((corner, *upper), lower)


def grid_text(layout: Grid) -> str:
    """Return the layout as plain text in aligned columns; a column under two headings has both."""
    lines = [_flat_head(layout)]
    for group in layout.groups:
        if group.label:
            lines.append([group.label] + [""] * (len(lines[0]) - 1))
        lines.extend([*line.headers, *line.cells] for line in group.lines)
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    right = [False] * layout.row_headers + list(layout.numeric)
    return "\n".join(
        COLUMN_GAP.join(
            text.rjust(width) if at_right else text.ljust(width)
            for text, width, at_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def _flat_head(layout: Grid) -> list[str]:
    upper, *rest = layout.head
    lower = iter(rest[0]) if rest else iter(())
    return [
        text
        for heading in upper
        for text in (
            [heading.text]
            if heading.columns == 1
            else [f"{heading.text}, {next(lower).text.lower()}" for _ in range(heading.columns)]
        )
    ]
