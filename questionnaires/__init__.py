"""What is asked, in which words, on which scale, to whom; what counts as a valid answer."""

from questionnaires.answers import AnswerSet, Parsed, Problem, parse_answers
from questionnaires.loader import available, check_questionnaire, load, read_questionnaire
from questionnaires.model import (
    MISSING_CODES,
    SPECIFY_LIMIT,
    Block,
    Condition,
    Factor,
    Goto,
    Item,
    Option,
    Question,
    Questionnaire,
    Row,
    Section,
    Text,
)
from questionnaires.routing import questions_on_path

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
