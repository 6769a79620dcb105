"""hailong weights, hailong estimate: from frozen answers to weights and estimates."""

from __future__ import annotations

from pathlib import Path

import click

from survey_app.cli.opened import settings
from survey_app.cli.output import Said, json_option, language


@click.command()
@click.argument("source", metavar="ROUND|FILE")
@click.option(
    "--spec", required=True, type=click.Path(path_type=Path), help="Specification of weights."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Parquet or CSV.")
@json_option
def weights(source: str, spec: Path, out: Path) -> Said:
    """Weigh a frozen round: base, non-response, calibration, trimming, each step a column.

    Example: hailong weights hp-2026 --spec weights.yaml --out rounds/hp-2026/weights.parquet

    The weights of a round belong beside its frozen file, where `hailong estimate` looks for them
    together with the record (.json) that is written next to them.
    """
    from survey_app.services.results import frozen_file, make_weights

    made = make_weights(frozen_file(settings(), source), spec, out)
    lang = language()
    lines = [step[lang] for step in made.record["steps"]]
    return Said(made.record, "\n".join(lines))


@click.command()
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("--data", required=True, type=click.Path(path_type=Path), help="Frozen file.")
@click.option(
    "--engine",
    default="auto",
    show_default=True,
    metavar="auto|memory|URL",
    help="What reads the rows: this process, or duckdb, also as duckdb://?threads=2.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Parquet or CSV.")
@json_option
def estimate(spec: Path, data: Path, engine: str, out: Path) -> Said:
    """Estimate items, factors, blocks and the overall index by domain, with intervals.

    Example: hailong estimate estimate.yaml --data rounds/hp-2026/respondents.parquet
    --out rounds/hp-2026/estimates.parquet

    With a bound on memory: add --engine 'duckdb://?memory_limit=1GB'
    """
    from survey_app.services.results import make_estimates

    table = make_estimates(spec, data, out, engine)
    overall = table[(table["level"] == "overall") & (table["domain"] == "")]
    lines = [
        f"{row.rule}: {row.value:.2f} [{row.low:.2f}; {row.high:.2f}] n = {row.n:.0f}"
        for row in overall.itertuples()
    ]
    return Said(
        {"rows": len(table), "overall": overall.to_dict("records"), "file": str(out)},
        "\n".join([f"{len(table)} rows", *lines]),
    )
