"""Runs a notebook and writes it back with its outputs, and with nothing of the machine.

    pip install 'vmaf-py[ffmpeg,pandas,plot]' nbclient ipykernel
    python record_notebook.py ../../docs/notebooks/encoders.ipynb

Readers see the outputs that were recorded, and test_notebook.py asks that they are of the cells as
they stand, by a digest of their code: record again after a change.
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
"""What a notebook says of itself: the versions and paths that a kernel adds differ by machine."""


def digest(notebook):
    """A digest of the code of all cells."""
    code = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return hashlib.sha256(code.encode()).hexdigest()


def executed(path, folder, timeout=300):
    """A notebook as it is after all its cells ran, in `folder`, with `timeout` seconds for each."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        # When a cell ran is no news to a reader, and a change in every record.
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    notebook.metadata = nbformat.from_dict({**METADATA, "code_digest": digest(notebook)})
    return notebook


def main():
    [path] = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(executed(path, folder), path)


if __name__ == "__main__":
    main()
