"""The demonstration as a script of the ordinary commands.

Every line that starts with ``$`` is a command that anybody can type; between them the
simulated population is made, and answers over HTTP. Nothing here computes a result.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import click

from intake.findings import Finding, InstallationError, Words
from intake.tables import read_table
from questionnaires import load
from survey_app.demo import files
from survey_app.demo.population import Census, survey_everybody
from survey_app.demo.respondents import Visit, answer_all
from survey_app.services.installation import local_day
from survey_app.services.network import free_port, private_address

PROVINCE = "31"
POPULATION, VISITS, NEXT = "hai-phong-2026-p", "hai-phong-2026-t", "hai-phong-2026-t2"
CITIZEN, TRANSACTION = ("citizen", "2026-1"), ("transaction", "2026-1")
YEAR = 2026
FRAME_DAY = "2026-03-01"
_MARK = "HAILONG_DEMO=1"
_PORT = 8000


@dataclass
class Demo:
    """One run: its folder, its seed, its day, and the program whose commands it gives."""

    data: Path
    seed: int
    today: date
    program: Callable[[Sequence[str]], int]

    def run(self, *arguments: str) -> None:
        """Give one command as a user would, showing it and what it says."""
        shown = " ".join(_shorter(part, self.data) for part in arguments)
        click.secho(f"$ hailong {shown}", bold=True)
        before = time.monotonic()
        said, complained = StringIO(), StringIO()
        with redirect_stdout(said), redirect_stderr(complained):
            code = self.program(["--data", str(self.data), *arguments])
        if code:
            click.echo(said.getvalue() + complained.getvalue())
            raise SystemExit(code)
        for line in said.getvalue().splitlines():
            click.echo(f"  {_shorter(line, self.data)}")
        click.secho(f"  ({time.monotonic() - before:.1f} s)", dim=True)

    def path(self, *parts: str) -> str:
        """Return a path inside the demonstration's folder."""
        return str(self.data.joinpath(*parts))


def run_demo(
    data: Path, *, responses: int, seed: int, program: Callable[[Sequence[str]], int]
) -> None:
    """Run one round of Hải Phòng from an empty folder to a published, verified release.

    Parameters
    ----------
    data
        An empty folder, or one of an earlier demonstration, which is made anew.
    responses
        The number of answers below which the demonstration fails.
    seed
        Of the simulated people and of the draw.
    program
        Runs the arguments of one ``hailong`` command and returns its exit code.
    """
    started = time.monotonic()
    demo = Demo(data.resolve(), seed, local_day(), program)
    _prepare(demo)
    _registry(demo)
    _frames(demo)
    _draws(demo)
    _codes(demo)
    _fieldwork(demo, responses)
    _results(demo)
    _index_and_release(demo)
    _next_round(demo)
    _farewell(demo, time.monotonic() - started)


def _prepare(demo: Demo) -> None:
    data, kept = demo.data, demo.data / ".env"
    if data.exists() and any(data.iterdir()):
        if not (kept.is_file() and _MARK in kept.read_text(encoding="utf-8")):
            raise InstallationError(
                Finding(
                    "demo-folder-in-use",
                    Words(
                        f"Thư mục {data} không phải của bản trình diễn.",
                        f"The folder {data} was not made by the demonstration.",
                    ),
                    Words("Hãy chọn thư mục trống.", "Choose an empty folder."),
                )
            )
        shutil.rmtree(data)
    data.mkdir(parents=True)
    base_url = os.environ.get("HAILONG_BASE_URL", f"http://{private_address()}:{_PORT}")
    kept.write_text(
        f"HAILONG_BASE_URL={base_url}\nHAILONG_TWO_PERSON=off\n{_MARK}\n", encoding="utf-8"
    )
    for name in [name for name in os.environ if name.startswith("HAILONG_")]:
        if name != "HAILONG_LANG":
            del os.environ[name]
    click.secho("DỮ LIỆU MÔ PHỎNG – simulated respondents, real road", bold=True)
    demo.run("init")


def _registry(demo: Demo) -> None:
    _title("1. Danh mục – registry")
    demo.run("registry", "import", *map(str, files.registry_files()))
    demo.run("registry", "check")
    _title("2. Phiếu hỏi – questionnaires")
    for path in files.questionnaire_files():
        demo.run("questionnaire", "check", str(path))


def _frames(demo: Demo) -> None:
    _title("3. Khung, thiết kế, chọn mẫu – frame, design, draw")
    files.write_simulated_adults(demo.data / "simulated" / "adults.csv")
    demo.run(
        "frame", "build", "--on", FRAME_DAY, "--out", demo.path("frames", "population.csv"),
        "--with", demo.path("simulated", "adults.csv"),
    )  # fmt: skip
    demo.run(
        "frame", "build", "--of", "counters", "--on", FRAME_DAY,
        "--out", demo.path("frames", "visits.csv"),
    )  # fmt: skip
    for name in ("population", "visits"):
        demo.run("frame", "check", demo.path("frames", f"{name}.csv"))


def _draws(demo: Demo) -> None:
    for name in ("population", "visits"):
        design = str(files.design_file(name))
        frame = demo.path("frames", f"{name}.csv")
        demo.run("sample", "plan", design, "--frame", frame)
        demo.run(
            "sample", "draw", design, "--frame", frame, "--seed", str(demo.seed),
            "--out", demo.path("draws", name),
        )  # fmt: skip
        demo.run("sample", "verify", demo.path("draws", name))


def _codes(demo: Demo) -> None:
    _title("4. Mã và QR – codes")
    for round_id, questionnaire, name, channel in (
        (POPULATION, CITIZEN, "population", "P"),
        (VISITS, TRANSACTION, "visits", "T"),
    ):
        _make_round(demo, round_id, questionnaire, name, simulated=True)
        _issue(demo, round_id, channel)


def _make_round(
    demo: Demo, round_id: str, questionnaire: tuple[str, str], draw: str, *, simulated: bool
) -> None:
    demo.run(
        "round", "create", round_id, "--questionnaire", "@".join(questionnaire),
        "--sample", demo.path("draws", draw), "--opens", demo.today.isoformat(),
        "--closes", (demo.today + timedelta(days=30)).isoformat(),
        *(["--simulated"] if simulated else []),
    )  # fmt: skip


def _issue(demo: Demo, round_id: str, channel: str) -> None:
    demo.run(
        "codes", "issue", round_id, "--channel", channel, "--out", demo.path("prints", round_id)
    )
    demo.run("round", "open", round_id)


def _fieldwork(demo: Demo, at_least: int) -> None:
    _title("5. Trả lời qua HTTP – answers over HTTP (mô phỏng)")
    visits: list[Visit] = []
    census: dict[str, Census] = {}
    for round_id, questionnaire, name in (
        (POPULATION, load(*CITIZEN), "population"),
        (VISITS, load(*TRANSACTION), "visits"),
    ):
        places, drawn = files.places_and_draw(demo.data / "draws" / name, name)
        census[round_id], forms = survey_everybody(places, questionnaire, demo.seed, drawn)
        visits += _with_links(demo, round_id, forms)
        if name == "visits":
            files.write_tally(demo.data / "simulated" / "tally.csv", places, drawn)
    if len(visits) < at_least:
        raise SystemExit(f"{len(visits)} simulated people respond; {at_least} were asked for")
    _answer(demo, visits)
    demo.run("round", "close", POPULATION)
    demo.run("round", "close", VISITS, "--tally", demo.path("simulated", "tally.csv"))
    simulated = demo.data / "simulated"
    files.write_truth(simulated / "truth.csv", census)
    files.write_weight_specs(simulated, POPULATION, VISITS, census[POPULATION])


def _with_links(
    demo: Demo, round_id: str, forms: Mapping[str, Sequence[list[tuple[str, str]]]]
) -> list[Visit]:
    """Hand each respondent one of the letters of the place, in the order they lie there."""
    listed = read_table(demo.data / "prints" / round_id / "codes.csv", required=["cell_id", "link"])
    letters: dict[str, list[str]] = {}
    for row in listed.rows:
        letters.setdefault(row.cells["cell_id"], []).append(row.cells["link"])
    return [
        Visit(letters[f"{round_id}.{place}"].pop(), fields)
        for place, filled in forms.items()
        for fields in filled
    ]


def _answer(demo: Demo, visits: Sequence[Visit]) -> None:
    port = free_port()
    with _server(demo, port):
        started = time.monotonic()
        seen = answer_all("127.0.0.1", port, visits)
        wall = time.monotonic() - started
    click.echo(
        f"  {seen.receipts} receipts, {seen.repeats} double taps with the same receipt, "
        f"{seen.requests} requests in {wall:.1f} s; the page is {seen.document_bytes / 1000:.1f} kB"
    )
    if seen.faults:
        click.echo(f"  {len(seen.faults)} faults, first: {seen.faults[0]}", err=True)
        raise SystemExit(1)


@contextmanager
def _server(demo: Demo, port: int) -> Iterator[None]:
    command = [sys.executable, "-m", "survey_app.cli", "--data", str(demo.data), "serve"]
    click.secho(f"$ hailong serve --host 127.0.0.1 --port {port}", bold=True)
    server = subprocess.Popen(  # noqa: S603 - our own program
        [*command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_ready(port, server)
        yield
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(200):
        try:
            with urlopen(f"http://127.0.0.1:{port}/ready", timeout=2):
                return
        except (URLError, OSError):
            if server.poll() is not None:
                break
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def _results(demo: Demo) -> None:
    _title("6. Chốt, trọng số, ước lượng – freeze, weights, estimates")
    for round_id, questionnaire, domains in (
        (POPULATION, CITIZEN, [[], ["urban"], ["gioi_tinh"], ["do_tuoi"]]),
        (VISITS, TRANSACTION, [[], ["gioi_tinh"], ["do_tuoi"]]),
    ):
        frozen = demo.path("rounds", round_id, "respondents.parquet")
        spec = demo.data / "simulated" / f"estimate-{round_id}.yaml"
        files.write_estimate_spec(spec, questionnaire, domains)
        demo.run("round", "freeze", round_id, "--out", frozen)
        demo.run(
            "weights", round_id, "--spec", demo.path("simulated", f"weights-{round_id}.yaml"),
            "--out", demo.path("rounds", round_id, "weights.parquet"),
        )  # fmt: skip
        demo.run(
            "estimate", str(spec), "--data", frozen,
            "--out", demo.path("rounds", round_id, "estimates.parquet"),
        )  # fmt: skip


def _index_and_release(demo: Demo) -> None:
    _title("7. Chỉ số – index")
    drawn = [
        place
        for name in ("population", "visits")
        for place in files.places_and_draw(demo.data / "draws" / name, name)[1]
    ]
    agencies = files.sample_agencies(files.registry_files()[2], drawn)
    files.write_scores(demo.data / "simulated", YEAR, agencies, demo.seed)
    demo.run(
        "index", "import", str(YEAR), demo.path("simulated", "assessments.csv"),
        demo.path("simulated", "heads.csv"),
    )  # fmt: skip
    demo.run("index", "compute", str(YEAR))
    demo.run("index", "duties", str(YEAR))
    _title("8. Công bố – release")
    release = demo.path("releases", str(YEAR))
    demo.run(
        "release", "build", POPULATION, VISITS, "--year", str(YEAR), "--out", release,
        "--truth", demo.path("simulated", "truth.csv"),
    )  # fmt: skip
    key = demo.path("checkpoints", "checkpoint.pub")
    restricted = demo.path("restricted", str(YEAR))
    demo.run("verify", release, "--key", key, "--restricted", restricted)
    _title("Ước lượng so với giá trị thật của dân số mô phỏng – estimates against the truth")
    for line in files.compare_with_truth(Path(release)):
        click.echo(line)


def _next_round(demo: Demo) -> None:
    _title("Đợt tiếp theo, đang mở – the next round, open")
    _make_round(demo, NEXT, TRANSACTION, "visits", simulated=False)
    demo.run(
        "codes", "issue", NEXT, "--channel", "T", "--count", "40", "--qr", "svg",
        "--out", demo.path("prints", NEXT),
    )  # fmt: skip
    demo.run("round", "open", NEXT)
    demo.run("round", "status")


def _farewell(demo: Demo, seconds: float) -> None:
    used = os.times()
    cpu = used.user + used.system + used.children_user + used.children_system
    base_url = files.read_settings_file(demo.data)["HAILONG_BASE_URL"]
    _title("Xong – done")
    click.echo(
        f"""  {seconds:.0f} s wall, {cpu:.0f} s CPU
  release    {_shorter(demo.path("releases", str(YEAR), "site", "index.html"), demo.data)}
  letters    {_shorter(demo.path("prints", POPULATION), demo.data)}
  tickets    {_shorter(demo.path("prints", NEXT), demo.data)} (open: scan one)
  then       make serve, and open {base_url}/ or {base_url}/ket-qua/"""
    )


def _title(text: str) -> None:
    click.echo()
    click.secho(text, bold=True, underline=True)


def _shorter(text: str, data: Path) -> str:
    packages = Path(__file__).parents[2]
    here = Path.cwd()
    shorter = text.replace(f"{here}/", "") if data.is_relative_to(here) else text
    return shorter.replace(f"{packages}/", "")
