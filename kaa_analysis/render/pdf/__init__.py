"""The printed report: a document as typst, set as PDF/A-2a and PDF/UA-1 with tagged row headers."""

from kaa_analysis.render.pdf.pdf_file import write_pdf
from kaa_analysis.render.pdf.typst_document import typst_source

__all__ = ["typst_source", "write_pdf"]
