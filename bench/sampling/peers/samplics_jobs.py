"""The jobs with `samplics`."""

from pathlib import Path

import numpy as np
import timed
from samplics.sampling import SampleSelection
from samplics.utils.types import SelectMethod

timed.SECONDS = 10.0
STRATA, UNITS = 300, 10_000


def pps_systematic(folder, _):
    sizes, strata = (np.load(Path(folder, f"{name}.npy")) for name in ("sizes", "strata"))
    takes = {h: UNITS // STRATA + (h < UNITS % STRATA) for h in range(STRATA)}
    units = np.arange(len(sizes))

    def job():
        tool = SampleSelection(SelectMethod.pps_sys, strat=True, wr=False)
        drawn, _, _ = tool.select(samp_unit=units, samp_size=takes, stratum=strata, mos=sizes)
        return [int(drawn.sum())]

    return job


if __name__ == "__main__":
    timed.main({"pps_systematic": pps_systematic})
