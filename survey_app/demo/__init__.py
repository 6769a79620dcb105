"""The demonstration: one round of a province, answered by a simulated population.

The people are made up, the road is not: every step is one of the ordinary commands, and
the answers arrive over HTTP through the pages that citizens see. Whatever shows a result of
it says that the data are simulated.
"""
