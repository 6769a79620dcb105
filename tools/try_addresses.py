"""Requests made from ``openapi.json`` by schemathesis against a real server, where it is installed.

    python tools/try_addresses.py

schemathesis is no dependency of the project: it is found on the path. Three of its checks are left
out. That a form of the right shape must be taken is not so: codes and answers are looked at, too.
And the document tells nothing of the methods that answer with a page, which are there all the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.installed import links_of_open_round, start_server

LEFT_OUT = "positive_data_acceptance,allow_header_conformance,unsupported_method"
EXAMPLES = "100"


def main() -> int:
    """Try every address of the document; return what schemathesis returns."""
    program = shutil.which("schemathesis")
    if program is None:
        print("schemathesis is not installed: addresses are tried by our own test alone.")
        return 0
    with tempfile.TemporaryDirectory() as place:
        code = links_of_open_round(Path(place), 1)[0].rsplit("/", 1)[1]
        server, port = start_server(Path(place), dict(os.environ))
        own = f"http://127.0.0.1:{port}"
        asks = ("Accept: application/json", "Sec-Fetch-Site: same-origin")
        heads = [part for head in (*asks, f"Cookie: hailong_code={code}") for part in ("-H", head)]
        command = [program, "run", f"{own}/static/openapi.json", "--url", own, "-n", EXAMPLES]
        command += ["--checks", "all", "--exclude-checks", LEFT_OUT, "--no-color", *heads]
        try:
            return subprocess.run(command, cwd=place, check=False).returncode
        finally:
            server.terminate()
            server.wait(20)


if __name__ == "__main__":
    sys.exit(main())
