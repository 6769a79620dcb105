"""What is asked, in which words, on which scale, to whom; what counts as a valid answer."""

from questionnaires.answers import AnswerSet, Parsed, parse_answers
from questionnaires.fields import Problem
from questionnaires.loader import available, check_questionnaire, load, read_questionnaire
from questionnaires.model import Block, Factor, Questionnaire, Section
from questionnaires.questions import (
    MISSING_CODES,
    SPECIFY_LIMIT,
    Condition,
    Goto,
    Item,
    Option,
    Question,
    Row,
)
from questionnaires.routing import questions_on_path
from questionnaires.texts import Text

__all__ = [
    "MISSING_CODES",
    "SPECIFY_LIMIT",
    "AnswerSet",
    "Block",
    "Condition",
    "Factor",
    "Goto",
    "Item",
    "Option",
    "Parsed",
    "Problem",
    "Question",
    "Questionnaire",
    "Row",
    "Section",
    "Text",
    "available",
    "check_questionnaire",
    "load",
    "parse_answers",
    "questions_on_path",
    "read_questionnaire",
]
