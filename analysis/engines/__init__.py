"""Sums over survey rows that stay where they are: in files, in a database, on a cluster.

What variances need is small: for every cluster in every domain the sum of the weights and
of weight times answer. `cell_table` states these sums once, as an Ibis expression, and lets
DuckDB, PostgreSQL or Spark carry it out; `units_table` says how the rows were drawn;
`read_columns` brings the rows themselves, made small, where a method has to see them.

Weights are in persons (or visits) represented. What follows from the sums is left to
`analysis.estimation`.
"""

from analysis.engines.places import engine_for
from analysis.engines.rows import read_columns
from analysis.engines.sums import cell_table, cell_tables, units_table

__all__ = [
    "cell_table",
    "cell_tables",
    "engine_for",
    "read_columns",
    "units_table",
]
