"""How sure an estimate is, from estimating again with other weights.

A replicate design is a table with many sets of weights. Each set stands for a sample that
could have been drawn instead; how far an estimate moves between them says how sure it is.
`make` builds the sets from a design with strata and primary units, `given` takes those that
a data producer supplies, `export` writes them out as columns.

Weights are in persons (or visits) represented.
"""

from analysis.replication.designs import ReplicateDesign
from analysis.replication.given import given
from analysis.replication.making import export, make

__all__ = ["ReplicateDesign", "export", "given", "make"]
