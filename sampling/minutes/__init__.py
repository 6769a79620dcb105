"""The minutes of a draw (biên bản chọn mẫu), to be completed and signed."""

from sampling.minutes.markdown import minutes_of

__all__ = ["minutes_of"]
