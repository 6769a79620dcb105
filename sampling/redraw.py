"""Draws a published sample again, with the standard library alone."""
