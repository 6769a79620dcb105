"""The keys that each part of a questionnaire file may have."""

TEXTS = {
    "questionnaire": ("title", "notice"),
    "section": ("title", "intro"),
    "question": ("label", "hint"),
    "row": ("label",),
    "option": ("label",),
}
"""The texts of each part of a file, which may have other words in each mode of answering."""

KEYS = {
    "questionnaire": (
        *("id", "version", "languages", "language_name", "title", "source", "unverified"),
        *("notice", "scales", "blocks", "sections", "questions", "wording"),
    ),
    "section": ("id", "title", "intro", "show_if", "order", "questions", "wording"),
    "question": (
        *("id", "type", "label", "hint", "options", "scale", "rows", "code", "required"),
        *("show_if", "goto", "min", "max", "decimals", "max_length", "lines", "order"),
        *("factor", "reverse", "sensitive", "feedback", "wording"),
    ),
    "option": ("value", "label", "missing", "exclusive", "specify", "fixed", "wording"),
    "row": ("id", "label", "factor", "wording"),
    "goto": ("when", "to"),
    "block": ("code", "title", "factors"),
    "factor": ("code", "title"),
    **{f"{kind} wording": texts for kind, texts in TEXTS.items()},
}
"""The keys that each part of a file may have."""
