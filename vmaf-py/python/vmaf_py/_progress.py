"""Progress bars for terminals and notebooks; nothing is shown elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any, TypeAlias

Progress: TypeAlias = Callable[[int, "int | None"], object]
"""Callback for progress: frames measured so far, and frames in total, None if unknown."""

_WIDTH = 40
_INTERVAL = 0.1


def progress_callback(progress: bool | Progress) -> Progress | None:
    """Returns the callback for `progress`: itself, a bar for True if it can be displayed, or None."""
    if callable(progress):
        return progress
    if not progress:
        return None
    if _in_notebook():
        return _NotebookBar()
    return _TerminalBar() if sys.stderr is not None and sys.stderr.isatty() else None


def clear_bar(progress: Progress | None) -> None:
    """Clears the bar, if `progress` is one."""
    if isinstance(progress, _Bar):
        progress.clear()


class _Bar:
    """Base of progress bars: computes the speed and limits how often they are drawn."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._drawn = 0.0

    def __call__(self, measured: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self._drawn < _INTERVAL and measured != total:
            return
        self._drawn = now
        self.draw(measured, total, measured / max(now - self._start, 1e-9))

    def draw(self, measured: int, total: int | None, rate: float) -> None:
        raise NotImplementedError

    def clear(self) -> None:
        raise NotImplementedError


class _TerminalBar(_Bar):
    def draw(self, measured: int, total: int | None, rate: float) -> None:
        text = f"{measured} frames, {rate:.1f} frames/s"
        if total:
            full = _WIDTH * min(measured, total) // total
            bar = ("=" * full + ">" * (full < _WIDTH)).ljust(_WIDTH)
            text = f"[{bar}] {measured}/{total} frames, {rate:.1f} frames/s"
        sys.stderr.write(f"\r{text}\x1b[K")
        sys.stderr.flush()

    def clear(self) -> None:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()


class _NotebookBar(_Bar):
    def __init__(self) -> None:
        super().__init__()
        self._handle: Any = None

    def draw(self, measured: int, total: int | None, rate: float) -> None:
        from IPython import display

        bar = f'<progress value="{measured}" max="{total}"></progress> ' if total else ""
        of = f"/{total}" if total else ""
        text = f"<div>{bar}{measured}{of} frames, {rate:.1f} frames/s</div>"
        html = display.HTML(text)  # type: ignore[no-untyped-call]
        if self._handle is None:
            self._handle = display.display(  # type: ignore[no-untyped-call]
                html, display_id=True
            )
        else:
            self._handle.update(html)

    def clear(self) -> None:
        if self._handle is not None:
            from IPython import display

            self._handle.update(display.HTML(""))  # type: ignore[no-untyped-call]


def _in_notebook() -> bool:
    """Returns True in a Jupyter kernel."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and shell.__class__.__name__ == "ZMQInteractiveShell"
