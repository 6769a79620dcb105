"""The files of deploy/ are read by the programs that they are for, or line by line."""

import os
import re
import shutil
import subprocess

import pytest
import yaml

INSTRUCTIONS = {
    "FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "ENTRYPOINT", "CMD",
}  # fmt: skip


def lines_of(file):
    """Instructions of a Containerfile with their continued lines joined."""
    text = re.sub(r"^#.*\n", "", file.read_text(encoding="utf-8"), flags=re.M)
    joined = re.sub(r"\s*\\\n\s*", " ", text)
    return [line.split(maxsplit=1) for line in joined.splitlines() if line.strip()]


def test_systemd_reads_every_unit_and_finds_the_server_well_kept_in(root, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    units = []
    for file in sorted((root / "deploy" / "systemd").iterdir()):
        text = file.read_text(encoding="utf-8").replace(
            "/opt/hailong/.venv/bin/hailong", "/bin/true"
        )
        named = {"hailong@": "hailong@8001", "hailong-mix@": "hailong-mix@r"}
        name = named.get(file.stem, file.stem) + file.suffix
        units.append(tmp_path / name)
        units[-1].write_text(text, encoding="utf-8")
    assert len(units) == 9
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for unit in units:
        if unit.suffix == ".service":
            judged = subprocess.run(
                ["systemd-analyze", "security", "--offline=true", "--no-pager", unit],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            level = float(re.search(r"exposure level for \S+: ([\d.]+)", judged.stdout)[1])
            print(f"{unit.name}: exposure {level} of 10")
            assert level <= 2.5


def test_commands_of_the_units_are_commands_of_the_program(root):
    import click

    from survey_app.cli import hailong

    found = set()
    for file in (root / "deploy" / "systemd").glob("*.service"):
        for words in re.findall(r"/bin/hailong ([a-z -]+)", file.read_text(encoding="utf-8")):
            command, path = hailong, []
            for word in words.split():
                if not isinstance(command, click.Group):
                    break
                command = command.commands[word]
                path.append(word)
            found.add(" ".join(path))
    assert found == {"serve", "round mix", "db backup", "retention run", "audit checkpoint"}


def test_the_container_is_pinned_hashed_and_not_root(root):
    file = root / "deploy" / "Containerfile"
    if linter := shutil.which("hadolint"):
        subprocess.run([linter, file], check=True)
    lines = lines_of(file)
    assert {word for word, _ in lines} == INSTRUCTIONS
    assert all(re.search(r":[\d.]+-", rest) for word, rest in lines if word == "FROM")
    last = max(at for at, (word, _) in enumerate(lines) if word == "FROM")
    final = dict(lines[last:])
    assert final["USER"] == "10001"
    assert final["ENTRYPOINT"].startswith("[")
    installs = [rest for word, rest in lines if word == "RUN" and "pip install" in rest]
    assert all("--require-hashes" in rest or "--no-deps" in rest for rest in installs)
    assert all("--no-cache-dir" in rest for rest in installs)
    for word, rest in lines:
        if word == "COPY" and "--from" not in rest:
            assert all((root / source).exists() for source in rest.split()[:-1])
        assert "latest" not in rest
        assert "http://" not in rest


def test_replication_keeps_a_week_and_its_programs_are_read_by_the_shell(root):
    folder = root / "deploy" / "replication"
    litestream = yaml.safe_load((folder / "litestream.yml").read_text(encoding="utf-8"))
    (database,) = litestream["dbs"]
    assert database["path"].endswith("hailong.sqlite3")
    kept = [int(litestream["snapshot"][key].rstrip("h")) for key in ("interval", "retention")]
    assert sum(kept) == 7 * 24
    assert (folder / "base-copy").read_text(encoding="utf-8").count("-mtime +6 ") == 2
    for program in ("base-copy", "restore-to-a-moment"):
        assert os.access(folder / program, os.X_OK)
        subprocess.run(["sh", "-n", folder / program], check=True)
