"""Runs the command `vmaf` as `python -m vmaf_py`."""

import sys

from ._command import main

sys.exit(main())
