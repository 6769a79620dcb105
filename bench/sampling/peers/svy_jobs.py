"""The jobs with `svy`: its table is made outside the timed part."""

from pathlib import Path

import numpy as np
import polars as pl
import svy
import timed

timed.SECONDS = 30.0
STRATA, UNITS = 300, 10_000


def pps_systematic(folder, _):
    columns = {name: np.load(Path(folder, f"{name}.npy")) for name in ("sizes", "strata")}
    made = svy.Sample(pl.DataFrame(columns), svy.Design(stratum="strata", mos="sizes"))
    takes = {h: UNITS // STRATA + (h < UNITS % STRATA) for h in range(STRATA)}

    def job():
        found = made.sampling.pps_sys(takes, rstate=1, n_draws=1)
        return [len(found[0].data)]

    return job


if __name__ == "__main__":
    timed.main({"pps_systematic": pps_systematic})
