"""The plain formulations that bound the cost: the same arithmetic, written once, with no checks.

Every function takes integer codes and arrays that are ready, and returns estimates and standard
errors (or weights), so that the table can say that both have done the same work.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.special import expit

Answer = tuple[np.ndarray, np.ndarray]


def means(psu, stratum, w, items, domain=None, size=1) -> Answer:
    """Means and standard errors by domain: sparse cells × rows times items, then cells."""
    rows = np.arange(len(w))
    if domain is None:
        cells, cell = len(stratum), psu
        cell_psu, cell_domain = np.arange(cells), np.zeros(cells, dtype=np.int64)
    else:
        key, cell = np.unique(psu * size + domain, return_inverse=True)
        cells, cell_psu, cell_domain = len(key), key // size, key % size
    gather = sparse.csr_matrix((w, (cell, rows)), shape=(cells, len(w)))
    return of_cells(gather @ items, gather @ np.ones(len(w)), cell_psu, cell_domain, stratum, size)


def of_cells(sums, weight, cell_psu, cell_domain, stratum, size) -> Answer:
    """Means and their variances from Σwy and Σw per (PSU, domain)."""
    domain_weight = np.bincount(cell_domain, weights=weight, minlength=size)
    estimate = (summing(cell_domain, size) @ sums) / domain_weight[:, None]
    # Within a stratum of n PSUs: n/(n-1)·(Σz² - (Σz)²/n); PSUs without members have z = 0.
    n = np.bincount(stratum).astype(float)
    of_stratum = stratum[cell_psu]
    scores = estimate[cell_domain]
    scores *= weight[:, None]
    np.subtract(sums, scores, out=scores)
    scores *= (np.sqrt(n / (n - 1))[of_stratum] / domain_weight[cell_domain])[:, None]
    between = summing(cell_domain * len(n) + of_stratum, size * len(n)) @ scores
    np.square(scores, out=scores)
    lost = (between.reshape(size, len(n), -1) ** 2 / n[:, None]).sum(axis=1)
    variance = summing(cell_domain, size) @ scores - lost
    return estimate, np.sqrt(np.maximum(variance, 0))


def summing(code, size):
    """Return the sparse matrix that adds rows up by their code."""
    return sparse.csr_matrix((np.ones(len(code)), (code, np.arange(len(code)))), (size, len(code)))


def duckdb_means(connection, path, names, domains) -> list[Answer]:
    """The same from Parquet: one GROUP BY per set of domains, then the cells in NumPy."""
    sums = ", ".join(f"sum(w * {name})" for name in names)
    answers = []
    for domain, size in [("0", 1), *domains.items()]:
        found = connection.execute(
            f"SELECT psu, stratum, {domain}, sum(w), {sums} "
            f"FROM read_parquet('{path}') GROUP BY 1, 2, 3"
        ).fetchnumpy()
        columns = list(found.values())
        labels, cell_psu = np.unique(columns[0], return_inverse=True)
        stratum = np.zeros(len(labels), dtype=np.int64)
        stratum[cell_psu] = columns[1]
        table = np.column_stack(columns[4:])
        weight, category = np.asarray(columns[3]), np.asarray(columns[2])
        answers.append(of_cells(table, weight, cell_psu, category, stratum, size))
    return answers


def rake(w, codes, totals, tolerance=1e-10, sweeps=500) -> np.ndarray:
    """Iterative proportional fitting on the cell table; returns the weights of the rows."""
    shape = tuple(len(total) for total in totals)
    cell = np.ravel_multi_index(codes, shape)
    start = np.bincount(cell, weights=w, minlength=int(np.prod(shape))).reshape(shape)
    table = start.copy()
    for _ in range(sweeps):
        worst = 0.0
        for axis, total in enumerate(totals):
            others = tuple(other for other in range(len(shape)) if other != axis)
            have = table.sum(axis=others, keepdims=True)
            factor = total.reshape(have.shape) / have
            worst = max(worst, float(np.abs(factor - 1).max()))
            table *= factor
        if worst < tolerance:
            break
    return w * np.divide(table, start, out=np.zeros(shape), where=start > 0).ravel()[cell]


def rao_wu(psu, stratum, w, items, replicates, rng) -> Answer:
    """Means with a rescaled bootstrap: PSU totals × multipliers (n-1 PSUs drawn a stratum)."""
    rows = np.arange(len(w))
    gather = sparse.csr_matrix((w, (psu, rows)), shape=(len(stratum), len(w)))
    totals = np.column_stack([gather @ items, gather @ np.ones(len(w))])
    n = np.bincount(stratum)
    multiplier = np.empty((replicates, len(stratum)))
    for label, size in enumerate(n):
        drawn = rng.multinomial(size - 1, np.full(size, 1 / size), replicates)
        multiplier[:, stratum == label] = drawn * (size / (size - 1))
    found = multiplier @ totals
    estimate = totals[:, :-1].sum(axis=0) / totals[:, -1].sum()
    spread = found[:, :-1] / found[:, -1:]
    return estimate, np.sqrt(((spread - spread.mean(axis=0)) ** 2).sum(axis=0) / (replicates - 1))


def product(x, beta):
    """x @ beta column by column: OpenBLAS spends milliseconds on waking threads for it."""
    found = x[:, 0] * beta[0]
    for at in range(1, x.shape[1]):
        found += x[:, at] * beta[at]
    return found


def moments(x, curvature, residual):
    """Return Xᵀ·diag(c)·X and Xᵀ·r by one product, for the same reason."""
    beside = np.empty((len(x), x.shape[1] + 1), order="F")
    np.multiply(x, curvature[:, None], out=beside[:, :-1])
    beside[:, -1] = residual
    found = x.T @ beside
    return found[:, :-1], found[:, -1]


def logistic(x, y, w, tolerance=1e-10) -> np.ndarray:
    """Bare Newton for a weighted logistic regression: coefficients alone."""
    x = np.asfortranarray(np.column_stack([np.ones(len(y)), x]))
    w = w / w.mean()
    beta = np.zeros(x.shape[1])
    for _ in range(30):
        p = expit(product(x, beta))
        hessian, score = moments(x, w * p * (1 - p), w * (y - p))
        step = np.linalg.solve(hessian, score)
        beta += step
        if np.abs(step).max() < tolerance:
            break
    return beta


def ordinal(x, y, w, tolerance=1e-10) -> np.ndarray:
    """Bare Newton for proportional odds, logit P(y ≤ k) = θ_k - xβ: (β, θ) alone."""
    x, w = np.asfortranarray(x), w / w.mean()
    k, cuts = x.shape[1], int(y.max())
    share = np.cumsum(np.bincount(y, weights=w))[:-1] / w.sum()
    at = np.concatenate([np.zeros(k), np.log(share / (1 - share))])
    top, bottom = y < cuts, y > 0
    for _ in range(50):
        padded = np.concatenate([[-np.inf], at[k:], [np.inf]])
        linear = product(x, at[:k])
        upper, lower = expit(padded[y + 1] - linear), expit(padded[y] - linear)
        p = upper - lower
        du, dl = upper * (1 - upper), lower * (1 - lower)
        a, b = w * du / p, w * dl / p
        # Second derivatives of log(F(u) - F(l)) by u and l.
        uu = w * du * (1 - 2 * upper) / p - a * du / p
        ll = -w * dl * (1 - 2 * lower) / p - b * dl / p
        ul = w * du * dl / p**2
        within, score = moments(x, uu + ll + 2 * ul, a - b)
        gradient = np.concatenate([-score, _by_cut(y, a, b, top, bottom, cuts)])
        hessian = np.zeros((k + cuts, k + cuts))
        hessian[:k, :k] = within
        cross_u, cross_l = (uu + ul)[:, None] * x, (ll + ul)[:, None] * x
        rows = np.arange(len(y))
        up = sparse.csr_matrix((top * 1.0, (np.minimum(y, cuts - 1), rows)), (cuts, len(y)))
        low = sparse.csr_matrix((bottom * 1.0, (np.maximum(y - 1, 0), rows)), (cuts, len(y)))
        block = -(up @ cross_u + low @ cross_l)
        hessian[k:, :k], hessian[:k, k:] = block, block.T
        diagonal = up @ uu + low @ ll
        hessian[k:, k:] = np.diag(diagonal)
        beside = np.bincount(y, weights=ul, minlength=cuts + 1)[1:cuts]
        for cut, value in enumerate(beside):
            hessian[k + cut, k + cut + 1] = hessian[k + cut + 1, k + cut] = value
        step = np.linalg.solve(hessian, gradient)
        at = at - step
        if np.abs(step).max() < tolerance:
            break
    return at


def _by_cut(y, a, b, top, bottom, cuts):
    """Derivatives by the cutpoints: the upper one of a row and the lower one of the next."""
    return (
        np.bincount(y[top], weights=a[top], minlength=cuts)[:cuts]
        - np.bincount(y[bottom] - 1, weights=b[bottom], minlength=cuts)[:cuts]
    )
