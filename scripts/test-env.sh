#!/usr/bin/env bash
# Makes the virtual environments that testing the Python package needs: target/python-tools with
# what builds and checks it, target/test-env with what its tests and extras need, and nothing of it.
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
