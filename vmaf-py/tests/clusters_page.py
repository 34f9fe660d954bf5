"""The scripts and documents that docs/clusters.md shows."""

import json
import pathlib
import re

import yaml

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "clusters.md"


def blocks(language):
    """Returns the page's blocks of code in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.S | re.M)


def scheduler_scripts():
    """Yields the script for each scheduler, and a function from a task's number, from 0, to the
    environment variables that the scheduler sets."""
    slurm = next(script for script in blocks("bash") if "--job-name=vmaf\n" in script)
    yield slurm, lambda task: {"SLURM_ARRAY_TASK_ID": task + 1, "SLURM_ARRAY_TASK_COUNT": 16}
    aws = json.loads(blocks("json")[0])["containerProperties"]["command"][2]
    yield aws, lambda task: {"AWS_BATCH_JOB_ARRAY_INDEX": task}
    (job,) = [doc for doc in map(yaml.safe_load, blocks("yaml")) if doc["kind"] == "Job"]
    (kubernetes,) = job["spec"]["template"]["spec"]["containers"][0]["args"]
    yield kubernetes, lambda task: {"JOB_COMPLETION_INDEX": task}
