"""Raking with `balance`: the function that its classes call."""

import logging

import pandas as pd
from timed import MARGINS, main


def raking(path, targets):
    logging.disable(logging.WARNING)
    from balance.weighting_methods.rake import rake

    table = pd.read_parquet(path, columns=[*MARGINS, "w"])
    frame = table[MARGINS].astype(str)
    margins = {
        name: {str(level): total for level, total in enumerate(targets[name])} for name in MARGINS
    }

    def job():
        found = rake(frame, table["w"], None, None, target_margins=margins, transformations=None)
        return found["weight"].to_numpy()[:2]

    return job


if __name__ == "__main__":
    main({"raking": raking})
