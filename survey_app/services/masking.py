"""What texts of citizens must not show to others: numbers, addresses and names of people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

NUMBER, MAIL, NAME = "[số]", "[thư điện tử]", "[tên]"

_MAIL = re.compile(r"[^\s@<>(),;:]+@[^\s@<>(),;:]+\.[\w-]{2,}")
# Eight digits or more, however they are grouped: telephones, identity and bank cards, files.
_NUMBER = re.compile(r"\+?\d(?:[ .()\u00a0-]{0,2}\d){7,}")


def masked(text: str, names: Sequence[str] = ()) -> str:
    """Return a text without mail addresses, numbers of eight digits or more, and listed names.

    Names are found whatever their case, whole words only.

    Examples
    --------
    >>> masked("Gọi 0912 345 678 hoặc a.b@c.vn gặp chị Lê Thị Ví Dụ", ["lê thị ví dụ"])
    'Gọi [số] hoặc [thư điện tử] gặp chị [tên]'
    """
    text = _NUMBER.sub(NUMBER, _MAIL.sub(MAIL, text))
    listed = sorted(
        {unicodedata.normalize("NFC", name.strip()) for name in names if name.strip()},
        key=len,
        reverse=True,
    )
    if not listed:
        return text
    either = "|".join(re.escape(name) for name in listed)
    return re.sub(rf"(?<!\w)(?:{either})(?!\w)", NAME, text, flags=re.IGNORECASE)
