"""How far a long job is: a progress bar in a terminal, calm lines elsewhere; and what each phase took."""

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

Tell = Callable[[int, int], None]

LINE_SECONDS = 10.0


class Phases:
    """The phases of one job. Everything is shown on standard error, so that standard output stays JSON."""

    def __init__(self, console: Console | None = None) -> None:
        self.seconds: dict[str, float] = {}
        self._console = console or Console(stderr=True)
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            columns = (TextColumn("{task.description:24}"), BarColumn(), MofNCompleteColumn())
            self._bar = Progress(*columns, TimeElapsedColumn(), console=self._console)
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    @contextlib.contextmanager
    def phase(self, name: str) -> Iterator[Tell]:
        """One phase; what it yields is told how far it is: done, of."""
        began = time.perf_counter()
        bar = self._bar
        task = bar.add_task(name, total=None) if bar is not None else None
        told = began

        def tell(done: int, total: int) -> None:
            nonlocal told
            if bar is not None and task is not None:
                bar.update(task, completed=done, total=total)
            elif time.perf_counter() - told > LINE_SECONDS:
                told = time.perf_counter()
                self._console.print(f"{name}: {done:,} of {total:,}", highlight=False)

        yield tell
        took = time.perf_counter() - began
        key = name.replace(" ", "_")
        self.seconds[key] = round(self.seconds.get(key, 0.0) + took, 2)
        if bar is not None and task is not None:
            _fill(bar, task)
        else:
            self._console.print(f"{name}: {took:.1f} s", highlight=False)


def _fill(bar: Progress, task: TaskID) -> None:
    total = next(one.total for one in bar.tasks if one.id == task) or 1
    bar.update(task, completed=total, total=total)
