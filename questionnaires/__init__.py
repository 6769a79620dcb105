"""What is asked, in which words, on which scale, to whom; what counts as a valid answer."""

from questionnaires.answers import AnswerSet, Parsed, parse_answers
from questionnaires.fields import Problem
from questionnaires.loader import available, check_questionnaire, load, read_questionnaire
from questionnaires.model import Block, Factor, Questionnaire, Section
from questionnaires.parts import (
    MISSING_CODES,
    MODES,
    SPECIFY_LIMIT,
    Condition,
    Goto,
    Item,
    Option,
    Order,
    Row,
    Wording,
)
from questionnaires.piping import render
from questionnaires.questions import Question
from questionnaires.routing import answers_on_path, questions_on_path
from questionnaires.texts import Text

__all__ = [
    "MISSING_CODES",
    "MODES",
    "SPECIFY_LIMIT",
    "AnswerSet",
    "Block",
    "Condition",
    "Factor",
    "Goto",
    "Item",
    "Option",
    "Order",
    "Parsed",
    "Problem",
    "Question",
    "Questionnaire",
    "Row",
    "Section",
    "Text",
    "Wording",
    "answers_on_path",
    "available",
    "check_questionnaire",
    "load",
    "parse_answers",
    "questions_on_path",
    "read_questionnaire",
    "render",
]
