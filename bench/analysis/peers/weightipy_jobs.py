"""Raking with `weightipy`, from equal weights."""

import pandas as pd
import weightipy as wp
from timed import MARGINS, main


def raking(path, targets):
    table = pd.read_parquet(path, columns=MARGINS)
    shares = {
        name: {level: 100 * total / sum(targets[name]) for level, total in enumerate(targets[name])}
        for name in MARGINS
    }

    def job():
        return wp.weight(table, wp.scheme_from_dict(shares)).to_numpy()[:2]

    return job


if __name__ == "__main__":
    main({"raking": raking})
