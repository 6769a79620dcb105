"""Measurements of what the README and the docs claim. `make bench` runs them all."""
