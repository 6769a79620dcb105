"""Nobody can join a code and an answer, with one dump or with dumps around every mix (G2)."""

import secrets
import shutil
from collections import Counter, defaultdict

import pytest
from builders import TODAY, a_round, an_installation, some_codes
from faults.dumps import (
    best_match,
    files_of_postgres,
    files_of_sqlite,
    log_file,
    responses,
    used_invitations,
)

from survey_app.services import mixing
from survey_app.services.answering import code_mac, find_invitation, submit

EACH = 20


class Attack:
    """Twenty people in each cell answer in a known order; everything is read."""

    def __init__(self, here, files, cells):
        self.here, self.files = here, files
        units = [f"u{number:02}" for number in range(cells)]
        a_round(here, cells=tuple(units))
        self.keys = here.keyring()["demo"]
        self.codes = {
            f"demo.{unit}": some_codes(here, "demo", {f"demo.{unit}": EACH}) for unit in units
        }
        # Who it is: a name that no trace of the answer could be sorted by.
        self.who = {}
        self.arrival = {}
        self.waiting = defaultdict(list)
        self.known_ids = set()

    def answer(self, rounds):
        """Let the next people of every cell answer, one of each cell in turn."""
        for number in rounds:
            for cell, codes in self.codes.items():
                code, label = codes[number], secrets.token_hex(8)
                invited = find_invitation(self.here.engine, self.here.keyring(), code, TODAY)
                submit(
                    self.here.engine, self.here.keyring(), code, invited, {"label": label},
                    on=TODAY,
                )  # fmt: skip
                mac = code_mac(self.keys, code)
                self.who[mac] = self.who[label] = secrets.token_hex(8)
                self.arrival[mac] = len(self.arrival)
                self.waiting[cell].append(mac)

    def one_dump(self):
        """Match all spent codes and all responses of each cell by the last dump alone."""
        return self._match(self._spent(), self._answered(set()))

    def around(self, **how):
        """Mix, and match the codes that waited before with the responses that are new after."""
        before = self._spent()
        self.known_ids = {row["id"] for row in responses(self.here, self.files)}
        mixing.mix(self.here.engine, self.keys, **how)
        new = self._answered(self.known_ids)
        gone = {cell: {who for who, _ in rows} for cell, rows in new.items()}
        found = self._match(
            {
                cell: [pair for pair in rows if pair[1]["code_mac"] in self.waiting[cell]]
                for cell, rows in before.items()
            },
            new,
        )
        for cell, macs in self.waiting.items():
            self.waiting[cell] = [one for one in macs if self.who[one] not in gone.get(cell, ())]
        return found

    def _spent(self):
        cells = defaultdict(list)
        for row in used_invitations(self.here, self.files):
            row["arrival"] = self.arrival[row["code_mac"]]
            cells[row["cell_id"]].append((self.who[row["code_mac"]], row))
        return cells

    def _answered(self, known):
        cells = defaultdict(list)
        for row in responses(self.here, self.files):
            if row["id"] not in known:
                cells[row["cell_id"]].append((self.who[row["answers"]["label"]], row))
        return cells

    @staticmethod
    def _match(spent, answered):
        """Return how many pairs are right by each pair of traces, and the groups matched."""
        right = Counter()
        sizes = []
        for cell, rows in answered.items():
            right.update(best_match(spent[cell], rows))
            sizes.append((len(spent[cell]), len(rows)))
        return right, sizes


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgresql",
            marks=[pytest.mark.postgres, pytest.mark.faults, pytest.mark.xdist_group("postgres")],
        ),
    ]
)
def readable(request, tmp_path, monkeypatch):
    """Make installations whose files an attacker reads, the log of the mix among them."""
    made = []

    def make(number):
        data = tmp_path / f"data{number}"
        if request.param == "sqlite":
            here = an_installation(data)
            fold = mixing.empty_log

            def fold_after_copy(engine):
                shutil.copy(data / "hailong.sqlite3-wal", data / "hailong.sqlite3-wal-of-mix")
                fold(engine)

            monkeypatch.setattr(mixing, "empty_log", fold_after_copy)
            made.append(here)
            return here, lambda: files_of_sqlite(here)
        here = an_installation(data, request.getfixturevalue("postgres_server"))
        made.append(here)
        folder, since = log_file(here)
        if not (folder / "pg_wal").is_dir():
            pytest.skip("the files of that server cannot be read")
        return here, lambda: files_of_postgres(here, folder, since)

    yield make
    for one in made:
        one.engine.dispose()


@pytest.mark.parametrize(
    ("runs", "cells", "bound"),
    # Of four cells the best pair of traces may be right more often by chance alone.
    [(1, 4, 5), pytest.param(5, 20, 1.5, marks=pytest.mark.faults)],
)
def test_codes_and_answers_match_no_better_than_by_chance(readable, runs, cells, bound):
    one, two, groups = Counter(), Counter(), []
    for number in range(runs):
        attack = Attack(*readable(number), cells)
        for rounds in (range(10), range(10, 20)):
            attack.answer(rounds)
            right, sizes = attack.around()
            two.update(right)
            groups += sizes
        right, sizes = attack.around(every_cell=True)
        two.update(right)
        groups += sizes
        one.update(attack.one_dump()[0])
    cells *= runs
    best_one, best_two = one.most_common(1)[0], two.most_common(1)[0]
    answers = sum(size for _, size in groups)
    print(
        f"\nG2 {attack.here.engine.dialect.name}: {len(one)} pairs of traces; one dump: right "
        f"{best_one[1] / cells:.2f} of {EACH} by {best_one[0]}; two dumps: right "
        f"{10 * best_two[1] / answers:.2f} of 10 by {best_two[0]}; groups {Counter(groups)}",
        end="",
    )
    assert answers == cells * EACH
    assert min(size for _, size in groups) >= 10
    assert best_one[1] / cells <= bound
    assert 10 * best_two[1] / answers <= bound
