"""What do the charts of the analysis have in common: colours as hex codes, and fonts.

Each chart draws itself; this says only how ink, quiet words, lines and the one colour look, and
which font is tried first. The list ends with fonts that most machines have.
"""

INK, QUIET, LINE, BLUE = "#1b2a36", "#5b6b78", "#d9e0e6", "#1f5f8b"
FONTS = (
    "Be Vietnam Pro, Noto Sans, Segoe UI, Roboto, Helvetica Neue, DejaVu Sans, Arial, sans-serif"
)


def decimals(pattern: str, lang: str) -> str:
    """Return the Vega expression that writes an axis value, with a comma in Vietnamese.

    >>> decimals(".2f", "en")
    "format(datum.value, '.2f')"
    """
    number = f"format(datum.value, '{pattern}')"
    return number if lang == "en" else f"replace({number}, '.', ',')"
