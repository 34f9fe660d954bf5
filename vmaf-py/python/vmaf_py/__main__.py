"""`python -m vmaf_py`: the command `vmaf`."""

import sys

from ._command import main

sys.exit(main())
