"""Answers on paper: the printed form, its double entry, and reading its scans."""
