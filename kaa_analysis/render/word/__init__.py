"""The report as a Word document: real tables, captions and headings in built-in styles, the same bytes each time."""

from kaa_analysis.render.word.word_file import write_word

__all__ = ["write_word"]
