"""The jobs with `samplics`."""

import numpy as np
import pandas as pd
from samplics.estimation import ReplicateEstimator, TaylorEstimator
from samplics.regression import SurveyGLM
from samplics.utils.types import ModelType, PopParam, RepMethod
from samplics.weighting import ReplicateWeight, SampleWeight
from timed import DRIVERS, ITEMS, MARGINS, main


def overall(path, _):
    table = pd.read_parquet(path)

    def job():
        for item in reversed(ITEMS):  # the answer that is compared is the first item's
            mean = TaylorEstimator(PopParam.mean)
            mean.estimate(
                y=table[item], samp_weight=table["w"], stratum=table["stratum"], psu=table["psu"]
            )
        return mean.point_est, mean.stderror

    return job


def by12(path, _):
    table = pd.read_parquet(path)

    def job():
        for item in reversed(ITEMS):  # the answer that is compared is the first item's
            mean = TaylorEstimator(PopParam.mean)
            mean.estimate(
                y=table[item],
                samp_weight=table["w"],
                stratum=table["stratum"],
                psu=table["psu"],
                domain=table["d12"],
            )
        return mean.point_est[0], mean.stderror[0]

    return job


def raking(path, targets):
    table = pd.read_parquet(path)
    control = {name: dict(enumerate(targets[name])) for name in MARGINS}
    margins = {name: table[name] for name in MARGINS}

    def job():
        return SampleWeight().rake(samp_weight=table["w"], margins=margins, control=control)[:2]

    return job


def replicates(path, _):
    table = pd.read_parquet(path)

    def job():
        maker = ReplicateWeight(RepMethod.bootstrap, strat=True, nb_reps=200, rand_seed=1)
        made = maker.replicate(table["w"], table["psu"], table["stratum"], rep_prefix="r")
        weights = made[[f"r{number + 1}" for number in range(200)]]
        for item in reversed(ITEMS):
            mean = ReplicateEstimator(RepMethod.bootstrap, PopParam.mean)
            mean.estimate(y=table[item], samp_weight=table["w"], rep_weights=weights)
        return mean.point_est, mean.stderror

    return job


def logistic(path, _):
    table = pd.read_parquet(path)

    def job():
        fit = SurveyGLM(model=ModelType.LOGISTIC)
        fit.estimate(
            y=table["satisfied"],
            x=table[DRIVERS],
            samp_weight=table["w"],
            stratum=table["stratum"],
            psu=table["psu"],
            add_intercept=True,
        )
        return np.asarray(fit.beta["point_est"])[1], np.asarray(fit.beta["stderror"])[1]

    return job


if __name__ == "__main__":
    jobs = (overall, by12, raking, replicates, logistic)
    main({job.__name__: job for job in jobs})
