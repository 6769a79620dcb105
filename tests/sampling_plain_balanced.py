"""The rules of the docstrings once more, in plain Python, without arrays and without an index."""

import math

TOLERANCE = 1e-12


def settled(value):
    return 0.0 if value < TOLERANCE else 1.0 if value > 1 - TOLERANCE else value


def undecided(psi):
    return [k for k, value in enumerate(psi) if 0 < value < 1]


def table_of(pi, balance):
    rows = {k: [x / pi[k] for x in balance[k]] for k in undecided(pi)}
    largest = [max(abs(x) for x in column) for column in zip(*rows.values(), strict=True)]
    return {
        k: [x / m if m > 0 else x for x, m in zip(row, largest, strict=True)]
        for k, row in rows.items()
    }


def kernel(rows):
    """The direction of a window, or None: step 3 and 4 of `sampling.selection.flight`."""
    m = [list(row) for row in rows]
    pivots, used = {}, set()
    p = len(m[0]) if m else 0
    for _ in range(min(len(m), p)):
        size, k, v = 0.0, None, None
        for i, row in enumerate(m):
            for j, x in enumerate(row):
                if j not in used and abs(x) > size:
                    size, k, v = abs(x), i, j
        if size <= TOLERANCE:
            break
        e = [row[v] / m[k][v] for row in m]
        f = list(m[k])
        for i, row in enumerate(m):
            for w in range(p):
                row[w] = e[i] if w == v else row[w] - e[i] * f[w]
        pivots[k] = v
        used.add(v)
    free = [i for i in range(len(m)) if i not in pivots]
    if not free:
        return None
    u = [0.0] * len(m)
    u[free[0]] = 1.0
    for k, v in pivots.items():
        u[k] = -m[free[0]][v]
    return u


def moved(psi, window, u, number):
    above = [
        (1 - psi[k]) / x if x > 0 else psi[k] / -x if x < 0 else math.inf
        for k, x in zip(window, u, strict=True)
    ]
    below = [
        psi[k] / x if x > 0 else (1 - psi[k]) / -x if x < 0 else math.inf
        for k, x in zip(window, u, strict=True)
    ]
    up, down = min(above), min(below)
    goes_up = number < down / (up + down)
    bound = (above if goes_up else below).index(up if goes_up else down)
    by = up if goes_up else -down
    for place, (k, x) in enumerate(zip(window, u, strict=True)):
        value = psi[k] + by * x
        if place == bound:
            value = 1.0 if goes_up == (x > 0) else 0.0
        psi[k] = settled(value)


def flight(psi, table, p, rng):
    numbers = [rng.random() for _ in undecided(psi)]
    for number in numbers:
        window = undecided(psi)[: p + 1]
        u = kernel([table[k][:p] for k in window])
        if u is None:
            return
        moved(psi, window, u, number)


def cube(pi, balance, rng):
    psi, table, p = [settled(x) for x in pi], table_of(pi, balance), len(balance[0])
    for kept in range(p, -1, -1):
        if undecided(psi):
            flight(psi, table, kept, rng)
    return [k for k, value in enumerate(psi) if value == 1]


def squared(points, i, j):
    total = 0.0
    for a, b in zip(points[i], points[j], strict=True):
        total += (a - b) * (a - b)
    return total


def by_distance(points, i, units):
    return sorted((squared(points, i, j), j) for j in units if j != i)


def local_pivotal(pi, points, rng, variant):
    psi = [settled(x) for x in pi]
    left = undecided(psi)
    while len(left) > 1:
        i = left[min(int(rng.random() * len(left)), len(left) - 1)]
        distance, j = by_distance(points, i, left)[0]
        if variant == 1 and by_distance(points, j, left)[0][0] < distance:
            continue
        w, a, b = rng.random(), psi[i], psi[j]
        s = a + b
        if s < 1:
            psi[i], psi[j] = (0.0, settled(s)) if w < b / s else (settled(s), 0.0)
        elif w < (1 - b) / (2 - s):
            psi[i], psi[j] = 1.0, settled(s - 1)
        else:
            psi[i], psi[j] = settled(s - 1), 1.0
        for k in (i, j):
            if psi[k] in (0, 1):
                at = left.index(k)
                left[at] = left[-1]
                left.pop()
    for k in left:
        psi[k] = float(rng.random() < psi[k])
    return [k for k, value in enumerate(psi) if value == 1]


def scps(pi, points, rng):
    psi = [settled(x) for x in pi]
    for i in range(len(psi)):
        if not 0 < psi[i] < 1:
            continue
        a, g = psi[i], 0.0
        drawn = rng.random() < a
        psi[i] = float(drawn)
        for _, j in by_distance(points, i, undecided(psi)):
            b = psi[j]
            w = min(b / (1 - a), (1 - b) / a)
            full = g + w >= 1
            w = 1 - g if full else w
            psi[j] = settled(b - (1 - a) * w if drawn else b + a * w)
            if full:
                break
            g += w
    return [k for k, value in enumerate(psi) if value == 1]
