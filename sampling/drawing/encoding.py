"""The rules of a draw in words, as its record carries them: those that it uses."""

from __future__ import annotations

from sampling.design import SampleDesign

_ALWAYS = {
    "hashes": "SHA-256, 64 lower-case hexadecimal characters; texts are UTF-8",
    "H_frame": "sha256sum frame.csv",
    "H_design": "sha256sum design.json",
    "seed": "sha256 of draw-v1, H_frame, H_design, secret, public, without separators",
    "order": "sha256 of seed, a bar and the id, ascending",
    "start": "sha256 of seed, the word start and the name, as a number below 2^256",
    "systematic": "the points (start / 2^256 + j) * total / take, j = 0 … take − 1; a unit is "
    "drawn when cumulated before it <= point < cumulated with it",
    "person": "<unit>-<list position in six digits>, the first of each list in order",
    "every_kth": "k = max(1, expected // target); first = 1 + floor(k * start / 2^256)",
}
_UNIFORM = (
    "number k = 1, 2, … of a name: sha256 of seed, the word uniform, the name, a bar and k; its "
    "first 53 bits divided by 2^53. A tool of sampling.selection takes them in this order: "
)
_OF_A_METHOD = {
    "systematic_circular": "positions (first + j * (units // take)) modulo units, j = 0 … "
    "take − 1; first = floor(units * start / 2^256), from 0",
    "poisson": "a unit is drawn when its hash, divided by 2^256, lies below its probability; "
    "the reserves are the next by hash over probability",
    "pareto": "with u the hash of a unit divided by 2^256 and p its probability, the take units "
    "with the least u (1 − p) / (p (1 − u)); p is the target, the true probability differs "
    "from it by little; the reserves are the next in this order",
    "rao_hartley_cochran": "the order is cut into take groups, the longer ones first; in each, "
    "one unit in proportion to size at start / 2^256 * total of the name '<stratum>|group g'; "
    "the probability is that within the group",
    "sampford": _UNIFORM + "sampford(pi)",
    "brewer": _UNIFORM + "brewer(pi)",
    "chromy": _UNIFORM + "chromy(sizes, n)",
    "cube": _UNIFORM + "cube(pi, [pi, balance])",
    "local_pivotal": _UNIFORM + "local_pivotal(pi, coordinates); lat and lon as kilometres: "
    "111.195 lat, 111.195 cos(mean lat) lon",
    "scps": _UNIFORM + "scps(pi, coordinates); lat and lon as kilometres: 111.195 lat, "
    "111.195 cos(mean lat) lon",
    "kish": "of a household with a eligible persons, listed from the oldest to the youngest, the "
    "one in place 1 + floor(a * start / 2^256) of the name '<household>|a'",
    "birthday": "the eligible person whose birthday was the last before the day of the visit",
}


def encoding_of(design: SampleDesign) -> dict[str, str]:
    """Return the rules that a design's draw follows, by the word that the record uses."""
    rules = dict(_ALWAYS)
    for number, stage in enumerate(design.stages):
        for one in (stage, *stage.per_stratum.values()):
            if one.method in _OF_A_METHOD:
                rules[one.method] = _OF_A_METHOD[one.method]
            if one.rate is not None:
                rules["rate"] = (
                    "srs: the whole part of rate times units, one more when start / 2^256 of the "
                    "name '<stream>|take' lies below the rest; systematic: the positions "
                    "floor((start / 2^256 + j) / rate); the probability is the rate"
                )
            if one.coordination is not None:
                rules["coordination"] = (
                    "the order is that of (sha256 of the earlier seed, a bar and the id) − shift "
                    "* 2^256, modulo 2^256"
                )
            if one.serpentine:
                rules["serpentine"] = (
                    "every second group of a sort column runs backwards in the next column"
                )
        if number and stage.id:
            rules["stream"] = (
                "the name of a group of a later stage is '<stage>|<unit>|<stratum>', that of "
                "stage 1 its stratum"
            )
    return rules
