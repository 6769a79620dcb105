"""Questionnaires from and for other programs: XLSForm, DDI Codebook, codebooks to print."""

from questionnaires.exchange.definition_text import definition_text
from questionnaires.exchange.reading import Form, is_workbook, read_form
from questionnaires.exchange.writing import xlsform_of

__all__ = ["Form", "definition_text", "is_workbook", "read_form", "xlsform_of"]
