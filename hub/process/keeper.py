"""A task of each serving process that has written what is due by time alone, every few seconds."""

from __future__ import annotations

import asyncio
import random

from hub import logs
from hub.commands.housekeeping import Housekeeping
from hub.errors import HubError
from hub.views.context import Context

LOOK_SECONDS = 5.0
log = logs.get("hub.process.keeper")


class Keeper:
    def __init__(self, context: Context) -> None:
        self._housekeeping = Housekeeping(context)
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name="keeper")

    async def stop(self) -> None:
        """What is being committed is the writers' to end."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _keep(self) -> None:
        while True:
            # Not in step with the other processes, of which one is enough.
            await asyncio.sleep(LOOK_SECONDS * (0.8 + 0.4 * random.random()))  # noqa: S311 no secret
            await self.look()

    async def look(self) -> None:
        """One look. What fails is said once, and tried again at the next."""
        try:
            await self._housekeeping.look()
        except Exception as error:
            if not self._failing:
                problem = error.code if isinstance(error, HubError) else type(error).__name__
                log.warning(
                    "what is due could not be written", problem=problem, exc_info=not isinstance(error, HubError)
                )
            self._failing = True
        else:
            if self._failing:
                log.info("what is due is written again")
            self._failing = False
