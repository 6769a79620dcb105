"""Whether comments were copied: the same text several times, or nearly the same.

Texts are compared without regard to case, spacing or the way accents are encoded. Two texts
are near when the sets of their pieces of five signs overlap in at least 0.8 (Jaccard). Only
pairs that share a rare piece are compared, which finds every near pair without trying all.
The texts themselves are not repeated in the results: rows lead to them.

References
----------
Blasius, J. and Thiessen, V. (2018). Perceived corruption, trust, and interviewer behavior.
Bayardo, R. J., Ma, Y. and Srikant, R. (2007). Scaling up all pairs similarity search. WWW 2007.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.quality.rules import Rules
from analysis.quality.tables import Groups, Integers, flag_table, need_columns
from intake.findings import EstimationError

NEAR_COLUMNS = ("row", "other_row", "jaccard")


def plain_text(text: str) -> str:
    """Return a text as it is compared: NFC, case folded, single spaces.

    Examples
    --------
    >>> plain_text("  Rất   HÀI lòng ")
    'rất hài lòng'
    """
    folded = unicodedata.normalize("NFC", text).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def near_texts(texts: Sequence[str], gram: int = 5, jaccard: float = 0.8) -> pd.DataFrame:
    """Return the pairs of different texts that are nearly the same.

    Parameters
    ----------
    texts
        Texts as `plain_text` gives them; equal ones are compared once.
    gram, jaccard
        Signs in a piece, and the least overlap of two sets of pieces.

    Returns
    -------
    pandas.DataFrame
        ``row, other_row`` (positions of the first of equal texts, row < other_row),
        ``jaccard``.

    Examples
    --------
    >>> found = near_texts(["nhân viên hướng dẫn tận tình", "nhân viên hướng dẫn tận tình.", "x"])
    >>> found["jaccard"].round(2).tolist()
    [0.96]
    """
    codes, unique = pd.factorize(np.asarray(list(texts), dtype=object))
    first = np.full(len(unique), len(codes), dtype=np.int64)
    np.minimum.at(first, codes, np.arange(len(codes)))
    pieces = _pieces([str(text) for text in unique], gram)
    sizes = np.diff(pieces.indptr)
    candidates = sparse.triu(_prefixes(pieces, sizes, jaccard), k=1).tocoo()
    left, right = candidates.row, candidates.col
    possible = np.minimum(sizes[left], sizes[right]) >= jaccard * np.maximum(
        sizes[left], sizes[right]
    )
    left, right = left[possible], right[possible]
    shared = np.zeros(left.size)
    for start in range(0, left.size, 50_000):
        part = slice(start, start + 50_000)
        shared[part] = np.asarray(pieces[left[part]].multiply(pieces[right[part]]).sum(axis=1))[
            :, 0
        ]
    overlap = shared / (sizes[left] + sizes[right] - shared)
    near = overlap >= jaccard - 1e-12
    one, other = first[left[near]], first[right[near]]
    found = pd.DataFrame(
        {
            "row": np.minimum(one, other),
            "other_row": np.maximum(one, other),
            "jaccard": overlap[near],
        }
    )
    return found.sort_values(["row", "other_row"], ignore_index=True)


def same_comments(
    responses: pd.DataFrame,
    *,
    comment: str,
    unit: str,
    stratum: str | None = None,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """F6: responses of each unit whose comment was given elsewhere in the round too.

    A comment of at least 15 signs counts when the same text comes three times or more, or
    when another comment is nearly but not wholly the same; short ones and missing ones do
    not count.

    Returns
    -------
    pandas.DataFrame
        `FLAG_COLUMNS`, two rows per unit: ``quantity`` ``same-comment`` and ``near-comment``,
        ``n`` comments that count, ``value`` those that are repeated. Any is flagged.

    Raises
    ------
    EstimationError
        ``quality-comment-kind`` where a comment is no text, and those of `straight_lines`.
    """
    limits = rules or Rules()
    rows, texts = _counted(responses, comment, limits)
    groups = Groups(responses, unit, stratum)
    codes, unique = pd.factorize(texts)
    times = np.bincount(codes, minlength=len(unique))
    again = times[codes] >= limits.comment_repeats
    near = near_texts(list(texts), limits.gram, limits.jaccard)
    alike = np.unique(codes[near[["row", "other_row"]].to_numpy(dtype=np.int64).ravel()])
    tables = []
    for quantity, sign in (("same-comment", again), ("near-comment", np.isin(codes, alike))):
        marked, counted = np.zeros(len(responses)), np.zeros(len(responses))
        marked[rows], counted[rows] = sign, 1.0
        repeated = groups.sums(marked)
        tables.append(
            flag_table(
                "F6",
                quantity,
                limits,
                unit=groups.units,
                stratum=[groups.strata[code] for code in groups.stratum_of],
                n=groups.sums(counted).astype(np.int64),
                value=repeated,
                reference=0.0,
                beyond=repeated > 0,
            )
        )
    return pd.concat(tables, ignore_index=True)


def comment_pairs(
    responses: pd.DataFrame, *, comment: str, rules: Rules | None = None
) -> pd.DataFrame:
    """Return the pairs of rows whose comments are nearly the same, for the reviewers.

    Columns `NEAR_COLUMNS`, rows counted from 0; each different text is shown by its first row.
    """
    limits = rules or Rules()
    rows, texts = _counted(responses, comment, limits)
    found = near_texts(list(texts), limits.gram, limits.jaccard)
    return found.assign(
        row=rows[found["row"].to_numpy()], other_row=rows[found["other_row"].to_numpy()]
    )


def _counted(responses: pd.DataFrame, comment: str, rules: Rules) -> tuple[Integers, Any]:
    need_columns(responses, [comment])
    column = responses[comment]
    given = np.flatnonzero(column.notna().to_numpy(dtype=bool))
    for row in given:
        if not isinstance(column.iloc[row], str):
            raise EstimationError.of(
                "quality-comment-kind",
                f"Cột “{comment}”, dòng {row + 1}: không phải văn bản.",
                f"Column “{comment}”, row {row + 1}: not a text.",
                "Chọn cột ý kiến bằng lời.",
                "Choose the column of comments.",
                row=int(row) + 1,
                column=comment,
            )
    texts = np.array([plain_text(text) for text in column.iloc[given]], dtype=object)
    long = np.array([len(text) >= rules.comment_length for text in texts], dtype=bool)
    return given[long].astype(np.int64), texts[long]


def _pieces(texts: list[str], gram: int) -> Any:  # noqa: ANN401 - scipy has no types
    """Return which pieces each text holds (texts × pieces, 0/1); rare pieces come first."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    signs = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    text_of = np.repeat(np.arange(len(texts)), lengths)
    starts = np.flatnonzero(np.arange(signs.size) + gram <= np.cumsum(lengths)[text_of])
    key = signs[starts]
    for offset in range(1, gram):
        # Numbering the pieces anew at each sign keeps the key small and exact.
        key = np.unique(key, return_inverse=True)[1] * np.int64(0x110000) + signs[starts + offset]
    key = np.unique(key, return_inverse=True)[1]
    pairs = np.unique(text_of[starts] * np.int64(key.max(initial=0) + 1) + key)
    width = int(key.max(initial=0)) + 1
    text, piece = pairs // width, pairs % width
    rarity = np.argsort(np.argsort(np.bincount(piece, minlength=width), kind="stable"))
    found = sparse.csr_matrix(
        (np.ones(pairs.size, dtype=np.float32), (text, rarity[piece])), shape=(len(texts), width)
    )
    found.sort_indices()
    return found


def _prefixes(pieces: Any, sizes: Integers, jaccard: float) -> Any:  # noqa: ANN401
    """Return the pairs of texts that share one of their rarest pieces.

    Two sets with overlap at least t must share one of the first n - ⌈t n⌉ + 1 pieces of each
    in any common order; the rarest first leaves the fewest pairs.
    """
    keep = np.where(sizes > 0, sizes - np.ceil(jaccard * sizes - 1e-9).astype(np.int64) + 1, 0)
    place = np.arange(pieces.nnz) - np.repeat(pieces.indptr[:-1], sizes)
    chosen = place < np.repeat(keep, sizes)
    row = np.repeat(np.arange(sizes.size), sizes)[chosen]
    prefix = sparse.csr_matrix(
        (pieces.data[chosen], (row, pieces.indices[chosen])), shape=pieces.shape
    )
    return prefix @ prefix.T
