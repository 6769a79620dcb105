"""A design carried out: who is drawn, with what probability, and how anyone redraws it."""

from sampling.drawing.activated import draw_within
from sampling.drawing.draws import Draw, draw, persons_csv

__all__ = ["Draw", "draw", "draw_within", "persons_csv"]
