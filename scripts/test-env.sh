#!/usr/bin/env bash
# Creates the virtual environments for tests of the Python package: target/python-tools with the tools
# that build and check it, target/test-env with the dependencies of its tests and extras.
set -euo pipefail

scripts/python-env.sh target/python-tools 'maturin>=1.9.4,<2' 'ruff>=0.15'
extras=$(python3 - <<'PYTHON'
import tomllib

with open("vmaf-py/pyproject.toml", "rb") as file:
    project = tomllib.load(file)["project"]
extras = project["optional-dependencies"]
print(*project["dependencies"], *(one for name in extras if name != "all" for one in extras[name]))
PYTHON
)
read -r -a extras <<<"$extras"
scripts/python-env.sh target/test-env \
    pytest hypothesis mypy pillow nbclient ipykernel bjontegaard==1.3.0 "${extras[@]}"
