"""The small part of Markdown that an author's text may use, so that it is the same in every format: headings, paragraphs, lists, emphasis."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

FIRST_HEADING = 3
LAST_HEADING = 4
POINT = "-"

_HEADING = re.compile(r"(#+)(?:\s+(\S.*?))?\s*#*\s*\Z")
_BULLET = re.compile(r"[-*] {1,4}(?=\S)")

_REFUSED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"<"), "HTML eller tecknet <; skriv ”mindre än”"),
    (re.compile(r"[\[\]]"), "hakparenteser: länkar, bilder och fotnoter går inte, skriv en webbadress som den är"),
    (re.compile(r"[`~$\\|^]"), "något av tecknen ` ~ $ \\ | ^, som har en annan betydelse i något format"),
    (re.compile(r"&#|&[A-Za-z][A-Za-z0-9]*;"), "en teckenkod som &nbsp;; skriv tecknet självt"),
    (re.compile(r"\A\s*[0-9]{1,9}[.)](?:\s|\Z)"), "en numrerad lista; skriv en punktlista, med - först på raden"),
    (re.compile(r"\A\s*(?:[-*_=+]\s*){2,}\Z"), "en linje; skriv en rubrik i stället"),
    (re.compile(r"\A\s*[-=_*+]\s*\Z"), "en ensam linje eller punkt utan text"),
    (re.compile(r"\A\s*(?:[>:]|\+\s)"), "ett citat eller en lista av ett annat slag än med - eller *"),
    (re.compile(r"\A(?:\t|    )"), "en rad som är indragen fyra steg eller mer"),
    (re.compile(r"\A\s+[-*]\s"), "en lista i en lista; skriv punkterna i en nivå"),
    (re.compile(r"\A[-*](?:\t| {5})"), "en punkt med för många mellanslag"),
)


def markdown_problems(text: str) -> Iterator[tuple[int, str]]:
    r"""Give the number of each line, from 1, that is not of the allowed kind, and what is wrong with it.

    >>> list(markdown_problems("### Läget\n\n- Fler *unga*.\n- [Läs](https://x)"))
    [(4, 'hakparenteser: länkar, bilder och fotnoter går inte, skriv en webbadress som den är')]
    """
    level = FIRST_HEADING - 1
    for number, line in enumerate(text.splitlines(), start=1):
        yield from ((number, what) for pattern, what in _REFUSED if pattern.search(line))
        if heading := _HEADING.match(line):
            if problem := _heading_problem(heading, level):
                yield number, problem
            level = len(heading[1])


def _heading_problem(heading: re.Match[str], before: int) -> str:
    level = len(heading[1])
    if heading[2] is None:
        return "en rubrik utan text; skriv ett mellanslag och rubriken efter tecknen #"
    if not FIRST_HEADING <= level <= LAST_HEADING:
        return f"en rubrik med {'#' * level}; avsnittets egna rubriker skrivs med ### och under dem ####"
    return "en rubrik som hoppar över en nivå; den första skrivs med ###" if level > before + 1 else ""


@dataclass(frozen=True)
class TextBlock:
    """A heading, paragraph or point: the number of its first line from 1, the mark that it begins with, and its words in one line."""

    line: int
    mark: str
    words: str


def blocks_of(text: str) -> tuple[TextBlock, ...]:
    r"""Return the headings, paragraphs and points of a text in order.

    >>> [block.words for block in blocks_of("### Läget\n\nFler *unga*\nän förut.\n\n- Ett\n- Två")]
    ['Läget', 'Fler *unga* än förut.', 'Ett', 'Två']
    """
    found: list[TextBlock] = []
    is_open = False
    for number, line in enumerate(text.splitlines(), start=1):
        heading, point = _HEADING.match(line), _BULLET.match(line)
        if not line.strip():
            is_open = False
        elif heading:
            found.append(TextBlock(number, heading[1], _one_line(heading[2] or "")))
        elif point or not is_open:
            found.append(TextBlock(number, POINT if point else "", _one_line(line[point.end() if point else 0 :])))
        else:
            last = found.pop()
            found.append(TextBlock(last.line, last.mark, _one_line(f"{last.words} {line}")))
        is_open = bool(line.strip()) and not heading
    return tuple(found)


def normalised(text: str) -> str:
    r"""Return the same text with each heading, paragraph and point in one line.

    >>> normalised("- Ett\n  till\n* Två\n\nSlut.")
    '- Ett till\n- Två\n\nSlut.'
    """
    lines: list[str] = []
    for block in blocks_of(text):
        apart = lines and not (block.mark == POINT and lines[-1].startswith(f"{POINT} "))
        lines += ["", f"{block.mark} {block.words}".strip()] if apart else [f"{block.mark} {block.words}".strip()]
    return "\n".join(lines)


def _one_line(text: str) -> str:
    return re.sub(r"[ \t]+", " ", text).strip()
