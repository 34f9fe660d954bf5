"""Runs a notebook and saves it with its outputs, without paths and versions of this machine.

    pip install 'vmaf-py[ffmpeg,pandas,plot]' nbclient ipykernel
    python record_notebook.py ../../docs/notebooks/encoders.ipynb

Run it after each change of the code: test_notebook.py checks by a digest that the outputs belong to the
code.
"""

import hashlib
import sys
import tempfile

import nbformat
from nbclient import NotebookClient

METADATA = {
    "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
    "language_info": {"name": "python"},
}
"""Metadata of the saved notebook, without the versions that a kernel adds, which depend on the machine."""


def digest(notebook):
    """Returns a digest of the code of all cells."""
    code = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return hashlib.sha256(code.encode()).hexdigest()


def execute(path, folder, timeout=600):
    """Runs all cells of a notebook in `folder`, with `timeout` seconds for each and for the start of the
    kernel, and returns it."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=timeout,
        startup_timeout=timeout,
        kernel_name="python3",
        # Times would change in every recording.
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    notebook.metadata = nbformat.from_dict({**METADATA, "code_digest": digest(notebook)})
    return notebook


def main():
    [path] = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(execute(path, folder), path)


if __name__ == "__main__":
    main()
