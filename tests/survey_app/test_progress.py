"""A long command says how far it is on a terminal, and nowhere else."""

import io
import sys

from survey_app.cli import progress


class Terminal(io.StringIO):
    def __init__(self, terminal):
        super().__init__()
        self.terminal = terminal

    def isatty(self):
        return self.terminal


def shown(monkeypatch, terminal, times):
    ticks = iter(times)
    monkeypatch.setattr(progress, "monotonic", lambda: next(ticks))
    monkeypatch.setattr(sys, "stderr", Terminal(terminal))
    with progress.steps_shown("Drawing") as tell:
        for done in range(1, len(times)):
            tell(done, 40)
    return sys.stderr.getvalue()


def test_a_terminal_sees_one_line_after_a_second_and_it_is_removed_at_the_end(monkeypatch):
    said = shown(monkeypatch, True, [0.0, 0.5, 1.2, 1.25, 2.0])
    assert said.split("\r")[1:] == [
        "\033[KDrawing 2/40 (1 s)",
        "\033[KDrawing 4/40 (2 s)",
        "\033[K",
    ]


def test_quick_work_and_files_see_nothing(monkeypatch):
    assert shown(monkeypatch, True, [0.0, 0.1, 0.2]) == ""
    assert shown(monkeypatch, False, [0.0, 2.0, 4.0]) == ""
