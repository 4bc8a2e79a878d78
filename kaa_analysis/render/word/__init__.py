"""The report as a Word document: real tables, captions and headings in built-in styles, the same bytes each time."""

from kaa_analysis.render.word.word_file import write_word
from kaa_analysis.render.word.word_template import check_template

__all__ = ["check_template", "write_word"]
