"""Raking with `ipfn` on the table of persons."""

import pandas as pd
from ipfn import ipfn
from timed import MARGINS, main


def raking(path, targets):
    table = pd.read_parquet(path, columns=[*MARGINS, "w"])
    aggregates = []
    for name in MARGINS:
        total = pd.Series(targets[name], name="w")
        total.index = pd.Index(range(len(total)), name=name)
        aggregates.append(total)

    def job():
        fit = ipfn.ipfn(table.copy(), aggregates, [[name] for name in MARGINS], weight_col="w")
        return fit.iteration()["w"].to_numpy()[:2]

    return job


if __name__ == "__main__":
    main({"raking": raking})
