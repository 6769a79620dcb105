"""The ground floor: how files and texts from outside come in unharmed.

Nothing here knows what a file means. It knows limits, encodings and characters, and it
says every fault of a file at once.
"""
