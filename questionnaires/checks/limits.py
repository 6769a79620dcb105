"""How much a look at one file may find: what a hostile file holds must not cost more."""

MAX_ERRORS = 500
"""After so many errors a file is not looked at any further."""

MAX_UNTRANSLATED = 2_000
"""How many missing translations are told; ``translate check`` counts them all."""

MAX_COMPARED = 300
"""With how many names one that does not exist is compared, to guess what was meant."""

MAX_LANGUAGES = 20


class TooMuchError(Exception):
    """So much is wrong with a file that more of it helps nobody."""
