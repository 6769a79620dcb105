"""The jobs with `svy`."""

import polars as pl
import svy
from timed import DRIVERS, ITEMS, MARGINS, main


def sample(path, **more):
    data = pl.read_parquet(path)
    return svy.Sample(data, svy.Design(stratum="stratum", psu="psu", wgt="w", **more))


def overall(path, _):
    made = sample(path)

    def job():
        found = made.estimation.mean(ITEMS)
        return found[0].estimates[0].est, found[0].estimates[0].se

    return job


def by12(path, _):
    made = sample(path)

    def job():
        found = made.estimation.mean(ITEMS, by="d12")
        return found[0].estimates[0].est, found[0].estimates[0].se

    return job


def raking(path, targets):
    made = sample(path)
    controls = {name: dict(enumerate(targets[name])) for name in MARGINS}

    def job():
        raked = made.weighting.rake(controls=controls)
        return raked.data["rk_wgt"].to_numpy()[:2]

    return job


def replicates(path, _):
    made = sample(path)

    def job():
        replicated = made.weighting.create_bs_wgts(200, rstate=1)
        found = replicated.estimation.mean(ITEMS, method="replication")
        return found[0].estimates[0].est, found[0].estimates[0].se

    return job


def logistic(path, _):
    made = sample(path)

    def job():
        fit = made.glm.fit("satisfied", x=DRIVERS, family="binomial")
        return fit.coefs[1].est, fit.coefs[1].se

    return job


if __name__ == "__main__":
    jobs = (overall, by12, raking, replicates, logistic)
    main({job.__name__: job for job in jobs})
