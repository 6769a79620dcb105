"""A design carried out: who is drawn, with what probability, and how anyone redraws it."""

from sampling.drawing.activated import draw_within
from sampling.drawing.draws import Draw, Prepared, draw, persons_csv, prepare

__all__ = ["Draw", "Prepared", "draw", "draw_within", "persons_csv", "prepare"]
