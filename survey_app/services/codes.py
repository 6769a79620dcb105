"""One-time codes and receipt codes: how they are made, written and read back.

A one-time code is 80 random bits as 16 characters of Crockford's base 32, then one check
character of the same 32 letters, so 17 in all; on paper ``XXXX-XXXX-XXXX-XXXX-C``. A
receipt code is 80 bits as 16 characters without a check character: it is copied by
machines and shown, and a wrong one only fails to be found. The code of a counter's screen is
40 bits as 8 characters, then the check character by the same sum: ``XXXX-XXXX-C``.

The check character
-------------------
Each character stands for an element of the field GF(32): its five bits are the
coefficients of a polynomial over GF(2), taken modulo x**5 + x**2 + 1, which is primitive.
Adding is XOR; ``a`` below is the element x (the letter ``2``), whose powers
a**0 … a**30 are the 31 elements other than zero. A code c0 c1 … c16 is right when

    c0*a**16 + c1*a**15 + … + c15*a + c16*a**0 = 0,

so the check character c16 is the sum over the first sixteen. One wrong character changes the
sum by (difference)*a**k, never zero. Two exchanged characters change it by
(difference)*(a**k + a**m), zero only when the characters are equal, since the weights all
differ: swaps of neighbours, of the last one with the check character, and of any two
others are all seen. Any other slip passes once in 32 times.

What a code opens, whether it was issued or used, is for others to say.
"""

from __future__ import annotations

import secrets
from typing import Literal

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_BITS = 80
PLAIN_LENGTH = 16
CODE_LENGTH = PLAIN_LENGTH + 1
SCREEN_BITS = 40
SCREEN_LENGTH = SCREEN_BITS // 5 + 1

_POLYNOMIAL = 0b100101  # x**5 + x**2 + 1
_GROUP = 4
# Far above anything a hand types, low enough that a pasted book costs nothing.
_LONGEST_TEXT = 200
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)} | {
    letter.lower(): value for value, letter in enumerate(ALPHABET)
}
_VALUES |= dict.fromkeys("Oo", 0) | dict.fromkeys("IiLl", 1)
_HYPHENS = frozenset("-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d_.")

Kind = Literal["length", "character", "check"]


class CodeError(ValueError):
    """A text that is no code. ``kind`` says what is wrong with it.

    ``length``: too few or too many characters; ``character``: one that no code holds;
    ``check``: a typing slip, which is not counted as a guess.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind: Kind = kind
        super().__init__(f"not a code: {kind}")


def new_code() -> str:
    """Return a fresh one-time code: 80 bits of the system's randomness and a check character."""
    return with_check(plain(secrets.randbits(CODE_BITS)))


def plain(bits: int, size: int = CODE_BITS) -> str:
    """Return ``size`` bits (a multiple of five) as characters, the highest five bits first.

    Examples
    --------
    >>> plain(31)
    '000000000000000Z'
    """
    if not 0 <= bits < 1 << size:
        raise ValueError(f"a code has {size} bits")
    shifts = range(size - 5, -1, -5)
    return "".join(ALPHABET[bits >> shift & 31] for shift in shifts)


def with_check(characters: str) -> str:
    """Return 16 (or, for a screen, 8) characters of the alphabet with their check character.

    Examples
    --------
    >>> with_check("0000000000000001")
    '00000000000000012'
    """
    return characters + ALPHABET[_times_a(_sum([_VALUES[letter] for letter in characters]))]


def display(code: str) -> str:
    """Return a code or receipt in groups of four: ``XXXX-XXXX-XXXX-XXXX-C``.

    Examples
    --------
    >>> display("00000000000000012")
    '0000-0000-0000-0001-2'
    """
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def read_code(text: str) -> str:
    """Return the 17 characters of a one-time code as it was typed, copied or scanned.

    Capitals or not, blanks, hyphens and dashes anywhere, O for 0 and I or L for 1 are all
    understood. The letter U is in no code.

    Raises
    ------
    CodeError
        With ``kind`` ``character``, ``length`` or ``check``, looked at in that order.

    Examples
    --------
    >>> read_code(" oooo 0000-0000 oool-2 ")
    '00000000000000012'
    """
    return _checked(text, CODE_LENGTH)


def screen_code(bits: bytes) -> str:
    """Return the 9 characters of the screen code whose 40 bits open the given bytes (a MAC)."""
    return with_check(plain(int.from_bytes(bits[: SCREEN_BITS // 8], "big"), SCREEN_BITS))


def read_screen_code(text: str) -> str:
    """Return the 9 characters of a screen's code, as forgiving and as strict as `read_code`.

    Examples
    --------
    >>> read_screen_code("oooo-oool 2")
    '000000012'
    """
    return _checked(text, SCREEN_LENGTH)


def receipt_code(bits: bytes) -> str:
    """Return the 16 characters of the receipt whose 80 bits open the given bytes (a MAC)."""
    size = CODE_BITS // 8
    if len(bits) < size:
        raise ValueError("a receipt has 80 bits")
    return plain(int.from_bytes(bits[:size], "big"))


def receipt_display(bits: bytes) -> str:
    """Return the receipt of the first 80 bits as people see it: ``XXXX-XXXX-XXXX-XXXX``."""
    return display(receipt_code(bits))


def read_receipt(text: str) -> str:
    """Return the 16 characters of a receipt, as forgiving as `read_code`, without a check.

    Raises
    ------
    CodeError
        With ``kind`` ``character`` or ``length``.
    """
    return "".join(ALPHABET[value] for value in _read(text, PLAIN_LENGTH))


def _checked(text: str, length: int) -> str:
    values = _read(text, length)
    if _sum(values) != 0:
        raise CodeError("check")
    return "".join(ALPHABET[value] for value in values)


def _read(text: str, length: int) -> list[int]:
    """Return the field elements of a typed text, or say why it cannot be a code."""
    if len(text) > _LONGEST_TEXT:
        raise CodeError("length")
    values = []
    for character in text:
        if character in _HYPHENS or character.isspace():
            continue
        value = _VALUES.get(character)
        if value is None:
            raise CodeError("character")
        values.append(value)
    if len(values) != length:
        raise CodeError("length")
    return values


def _sum(values: list[int]) -> int:
    """Return the weighted sum over GF(32) by Horner's rule, the last value weighing one."""
    total = 0
    for value in values:
        total = _times_a(total) ^ value
    return total


def _times_a(element: int) -> int:
    """Return the element times x, reduced by the field's polynomial."""
    doubled = element << 1
    return doubled ^ _POLYNOMIAL if doubled & 0b100000 else doubled
