"""How many bytes and requests a respondent needs before the first question."""

import tempfile
from pathlib import Path

from bench.installed import a_server_app
from questionnaires import load
from survey_app.web.document import build_document

LIMIT = 40_000


def main():
    with tempfile.TemporaryDirectory() as folder:
        app = a_server_app(Path(folder))
        print(f"{'':24}{'html':>9}{'gzip':>9}{'brotli':>9}   (limit {LIMIT} bytes gzip)")
        for name in ("citizen", "transaction", "business"):
            for lang in ("vi", "en"):
                with app.app_context():
                    made = build_document(load(name, "2026-1"), lang)
                sizes = (len(made.html), len(made.gzip), len(made.brotli))
                print(f"{name + ' ' + lang:24}" + "".join(f"{size:>9}" for size in sizes))


if __name__ == "__main__":
    main()
