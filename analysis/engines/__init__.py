"""Sums over survey rows that stay where they are: in files, in a database, on a cluster.

What variances need is small: for every cluster in every domain the sum of the weights and
of weight times answer. `cell_table` states these sums once, as an Ibis expression, and lets
DuckDB, PostgreSQL or Spark carry it out; `units_table` says how the rows were drawn;
`moment_table` goes one step further where even the cells are many; `read_columns` brings
the rows themselves, made small, where a method has to see them.

Weights are in persons (or visits) represented. What follows from the sums is left to
`analysis.estimation`.
"""

from analysis.engines.places import engine_for
from analysis.engines.sums import cell_table, cell_tables, units_table

__all__ = [
    "cell_table",
    "cell_tables",
    "engine_for",
    "units_table",
]
