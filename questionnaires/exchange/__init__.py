"""Questionnaires from and for other programs: XLSForm, DDI Codebook, codebooks to print."""

from questionnaires.exchange.ddi import ddi_of
from questionnaires.exchange.definition_text import definition_text
from questionnaires.exchange.described import Described, Value, described
from questionnaires.exchange.losses import losses
from questionnaires.exchange.reading import Form, is_workbook, read_form
from questionnaires.exchange.writing import xlsform_of

__all__ = [
    "Described",
    "Form",
    "Value",
    "ddi_of",
    "definition_text",
    "described",
    "is_workbook",
    "losses",
    "read_form",
    "xlsform_of",
]
