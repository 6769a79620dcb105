"""Runs the program as ``python -m survey_app.cli``."""

import sys

from survey_app.cli import main

sys.exit(main())
