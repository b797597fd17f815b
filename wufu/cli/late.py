"""Commands that are loaded when they are asked for: the compiler and the plots they need start slowly.

`wufu serve` and `wufu demo` must not wait half a second, nor keep 100 MB, for what only a replay needs.
"""

from importlib import import_module
from typing import Any

from typer.core import TyperGroup
from typer.main import get_command

LATE = {
    "bench": "wufu.cli.bench",
    "forecast": "wufu.cli.forecast",
    "insight": "wufu.cli.insight",
    "replay": "wufu.cli.replay",
}


class LateGroup(TyperGroup):
    """The commands that are there, and those of `LATE`, in one list."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *sorted(LATE)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in LATE:
            return super().get_command(ctx, cmd_name)
        command = get_command(import_module(LATE[cmd_name]).app)
        command.name = cmd_name
        return command
