"""One text in several languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

MAIN_LANGUAGE = "vi"


class Text(Mapping[str, str]):
    """One text in several languages: language tag -> text, frozen.

    Examples
    --------
    >>> title = Text({"vi": "Hài lòng", "en": "Satisfied"})
    >>> title.in_language("en"), title.in_language("tay")
    ('Satisfied', 'Hài lòng')
    """

    __slots__ = ("_texts",)

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = dict(texts)

    def __getitem__(self, tag: str) -> str:
        return self._texts[tag]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __hash__(self) -> int:
        return hash(frozenset(self._texts.items()))

    def __str__(self) -> str:
        return self.in_language(MAIN_LANGUAGE)

    def __repr__(self) -> str:
        return f"Text({self._texts!r})"

    def in_language(self, tag: str) -> str:
        """Return the text in the language, else in Vietnamese, else in the first there is."""
        texts = self._texts
        for wanted in (tag, tag.partition("-")[0], MAIN_LANGUAGE):
            if wanted in texts:
                return texts[wanted]
        return next(iter(texts.values()), "")
