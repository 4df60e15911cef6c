"""The boards that this process holds: load them, keep them current, prove that they are.

A board is loaded from the checkpoint in Redis and the events since it, or else from the rows (hub.checkpoints); it
moves by the events that this process commits or hears, each of which must continue its last one; and each second one
query (hub.freshness) compares all of them with PostgreSQL, so whatever was lost costs about a second. What can't be
continued is loaded anew; what can't be read is unavailable by itself (hub.quarantine). The live channel is told as the
Watcher.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterable
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from hub import database, freshness, logs, streams
from hub.checkpoints import Checkpoints, Loaded, load
from hub.domain.event import TABLES, Event, Heard, position_text, stream_of
from hub.domain.room import Room
from hub.errors import HubError, Unavailable
from hub.held import Held, Step, Watcher
from hub.house import House
from hub.metrics import Metrics
from hub.quarantine import Quarantine, Unreadable
from hub.security import Tokens

T = TypeVar("T")

GAP_SECONDS = 0.005
"""How long an event that was overtaken by a later one may still arrive by itself."""
PROVE_SECONDS = 1.0
DOUBT_SECONDS = 3.0
IDLE_SECONDS = 600.0
MOST_BOARDS = 500
ATTEMPTS = 5
"""How often a proof or a loading begins again because the epoch changed meanwhile."""
log = logs.get("hub.boards")


class Boards:
    """All boards of one process."""

    def __init__(self, house: House, tokens: Tokens, checkpoints: Checkpoints, metrics: Metrics) -> None:
        self._house = house
        self._tokens = tokens
        self._checkpoints = checkpoints
        self._metrics = metrics
        self._quarantine = Quarantine(metrics)
        self._held: dict[str, Held] = {}
        self._loading: dict[str, asyncio.Task[Held]] = {}
        self._watcher: Watcher | None = None
        self._epoch_changed: Callable[[], None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._prove_now = asyncio.Event()
        self._proving: asyncio.Task[None] | None = None
        self._missed: dict[str, list[Event]] = {}
        """Events of streams that are just being loaded."""
        self._proved_loop = float("-inf")
        self._since: datetime | None = None
        self._foreign: set[str] = set()
        """Streams whose boards are still of the epoch before: nobody is given them until they are loaded anew."""

    # -- reading

    def peek(self, stream: str) -> Held | None:
        """A held board that is proved, without waiting; None when it must be loaded or can't be trusted now."""
        held = self._held.get(stream)
        now = asyncio.get_running_loop().time()
        if held is None or not held.trusted or stream in self._foreign or now - self._proved_loop > DOUBT_SECONDS:
            return None
        held.used_at = now
        return held

    async def get(self, stream: str, *, at_least: int = 0) -> Held:
        """The board of a stream, loaded if need be (once, however many ask), at version ``at_least`` if that exists.

        Raises Unavailable when it can't be proved at the moment.
        """
        held = self.peek(stream)
        if held is None:
            known = self._held.get(stream)
            if known is not None:
                if not known.trusted:
                    await self._mend(known, "gap")
                if self.peek(stream) is None:
                    await self._wait_for_proof()
                held = self.peek(stream)
            else:
                held = await self._load_once(stream)
        if held is None:
            raise Unavailable("What is free can't be proved at the moment.")
        await self._bring_to(held, at_least, "asked")
        return held

    async def day(self, day: date, *, at_least: int = 0) -> Held:
        return await self.get(stream_of(day), at_least=at_least)

    async def room(self, *, at_least: int = 0) -> Held:
        return await self.get(TABLES, at_least=at_least)

    def holds(self, held: Held) -> bool:
        """Whether this board is still kept current; one that was let go meanwhile is not."""
        return self._held.get(held.stream) is held

    def position(self, held: Held) -> str:
        return position_text(held.epoch, held.version)

    async def _wait_for_proof(self) -> None:
        self._prove_now.set()
        try:
            async with asyncio.timeout(1.0):
                await self.prove()
        except TimeoutError:
            raise Unavailable("What is free can't be proved at the moment.") from None

    # -- loading

    async def _load_once(self, stream: str) -> Held:
        task = self._loading.get(stream)
        if task is None:
            self._quarantine.check(stream)
            task = self._begin(self._load(stream))
            self._loading[stream] = task
            task.add_done_callback(lambda task: self._loaded(stream, task))
        return await asyncio.shield(task)

    def _loaded(self, stream: str, task: asyncio.Task[Held]) -> None:
        self._loading.pop(stream, None)
        missed = self._missed.pop(stream, ())
        if not task.cancelled() and task.exception() is None:
            self.heard(missed)

    async def _load(self, stream: str) -> Held:
        if self._proved_loop == float("-inf"):
            await self.prove()  # which learns the epoch, whose change forgets what is held
        for _ in range(ATTEMPTS):
            begun_at = self._house.now()
            loaded = await self._read(stream)
            if loaded.epoch == self._house.epoch:
                break
            await self.prove()  # which takes the epoch that the database has now
        else:
            raise Unavailable()
        loop = asyncio.get_running_loop()
        # What was loaded was committed a moment ago: this board alone is verified by that.
        held = self._held[stream] = Held(stream, loaded.view, loop.time(), loaded.epoch, verified_at=begun_at)
        self._metrics.boards.set(len(self._held))
        if len(self._held) > MOST_BOARDS:
            self._let_go(loop.time())
        return held

    async def _read(self, stream: str) -> Loaded:
        """Raises Unavailable, also for what can't be read, and Overloaded."""
        try:
            loaded = await load(self._checkpoints, self._house.epoch, stream)
        except HubError:
            raise
        except Exception as error:
            self._quarantine.add(stream, error)
            raise Unreadable() from error
        self._quarantine.remove(stream)
        self._metrics.loads.labels("rows" if loaded.from_rows else "checkpoint").inc()
        if loaded.from_rows:
            saving = self._checkpoints.write(loaded.epoch, stream, loaded.view.version, loaded.view.checkpoint())
            self._begin(saving)
        return loaded

    def _begin(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """A task in the background, which ends with this part."""
        task: asyncio.Task[T] = database.in_background(work)
        self._keep(task)
        return task

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _let_go(self, now: float) -> None:
        """Forget boards that nobody watched or read for a while, and the longest unused beyond the bound."""
        unwatched = sorted((h for h in self._held.values() if not h.watchers), key=lambda h: h.used_at)
        beyond = max(0, len(self._held) - MOST_BOARDS)
        for index, held in enumerate(unwatched):
            if index < beyond or now - held.used_at > IDLE_SECONDS:
                del self._held[held.stream]
        self._metrics.boards.set(len(self._held))

    # -- keeping current

    def heard(self, events: Iterable[Event]) -> None:
        """Take events that were committed: here, or elsewhere and published. Never waits."""
        for event in events:
            if event.epoch != self._house.epoch:
                self._prove_now.set()
                continue
            if event.stream in self._foreign:
                continue
            held = self._held.get(event.stream)
            if held is None:
                if event.stream in self._loading:
                    self._missed.setdefault(event.stream, []).append(event)
            elif event.version > held.version:
                held.early[event.version] = event
                self._advance(held)
            elif event.version == held.version and event.id != held.head:
                self._distrust(held)

    def _advance(self, held: Held) -> None:
        """Apply what is next of the events that have arrived; wait a little for one that is missing."""
        if not held.trusted:
            return  # what has arrived is applied to what is loaded
        steps = []
        while (event := held.early.pop(held.version + 1, None)) is not None:
            step = self._apply(held, event)
            if step is None:
                self._distrust(held)
                break
            steps.append(step)
        for version in [v for v in held.early if v <= held.version]:
            del held.early[version]
        if steps:
            self._tell(held, steps)
        if held.early and held.trusted and held.waiting is None:
            held.waiting = asyncio.get_running_loop().call_later(GAP_SECONDS, self._gap, held)
        elif held.waiting is not None and not (held.early and held.trusted):
            held.waiting.cancel()
            held.waiting = None

    def _tell(self, held: Held, steps: list[Step]) -> None:
        try:
            if self._watcher is not None:
                self._watcher.changed(held, steps)
        except Exception:  # what it did not take is told by the board that is loaded anew
            log.exception("a change could not be told")
            self._distrust(held)

    def _apply(self, held: Held, event: Event) -> Step | None:
        """None when the event can't be applied: it can't be read, or is not of the board's own history."""
        view = held.view
        try:
            if isinstance(view, Room):
                step = Step(event.version, event.at, frozenset(), frozenset((view.touched(event),)))
            else:
                booking, tables = view.touched(event)
                step = Step(event.version, event.at, frozenset((booking,)), tables)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None
        if view.apply(event) is not Heard.APPLIED:
            return None
        held.history.append(step)
        return step

    def _distrust(self, held: Held) -> None:
        """Something was committed that this board can't be continued by: load it anew, and show it to nobody before."""
        if not held.trusted:
            return
        held.trusted = False
        log.warning("a board can't be continued by an event, and is loaded anew", stream=held.stream)
        self._begin(self._repair(held, "gap"))

    def _gap(self, held: Held) -> None:
        held.waiting = None
        if held.early and held.trusted and self._held.get(held.stream) is held:
            self._begin(self._repair(held, "gap"))

    async def _repair(self, held: Held, cause: str) -> None:
        try:
            await (self._catch_up(held, cause) if held.trusted else self._mend(held, "gap"))
        except HubError as error:
            log.warning("a board could not be repaired yet", stream=held.stream, error=error.code)
            self._prove_now.set()
        except Exception:
            log.exception("a board could not be repaired", stream=held.stream)
            self._prove_now.set()

    async def _bring_to(self, held: Held, version: int, cause: str) -> None:
        """Catch up until the board is at ``version``, if the database has it."""
        for _ in range(2):  # the first reading may have begun before the event was there
            if held.version < version:
                await self._catch_up(held, cause)

    async def _catch_up(self, held: Held, cause: str) -> None:
        """Read the events since the board's version; one reading at a time a board."""
        if held.catching_up is None:
            held.catching_up = self._begin(self._read_on(held, cause))
            held.catching_up.add_done_callback(lambda task: self._caught_up(held, task))
        await asyncio.shield(held.catching_up)

    def _caught_up(self, held: Held, task: asyncio.Task[None]) -> None:
        held.catching_up = None
        if not task.cancelled():
            task.exception()

    async def _read_on(self, held: Held, cause: str) -> None:
        while True:
            events = await streams.events_since(held.stream, held.version)
            if any(event.epoch != self._house.epoch for event in events):
                self._prove_now.set()
                return
            fresh = [event for event in events if event.version > held.version]
            if not fresh:
                return
            self._metrics.repairs.labels(cause).inc()
            held.early.update((event.version, event) for event in fresh)
            self._advance(held)
            if fresh[0].version > held.version or not held.trusted:
                # The event that is next is not there at all, or can't be applied: the rows alone can tell the state.
                await self._mend(held, "gap")
                return

    async def _mend(self, held: Held, reason: str) -> None:
        """Load a board anew because what it holds can't be continued; one loading at a time a board.

        Raises Unavailable, also when the board can't be read: then it is held no more.
        """
        if held.mending is None:
            held.mending = self._begin(self._replace(held, reason))
            held.mending.add_done_callback(lambda task: self._mended(held, task))
        await asyncio.shield(held.mending)

    def _mended(self, held: Held, task: asyncio.Task[None]) -> None:
        held.mending = None
        if not task.cancelled():
            task.exception()

    async def _replace(self, held: Held, reason: str) -> None:
        begun_at = self._house.now()
        try:
            loaded = await self._read(held.stream)
        except Unreadable:
            self._give_up(held)
            raise
        if loaded.epoch != self._house.epoch:
            raise Unavailable()  # the next proof takes the epoch, and with it this board
        if held.epoch != loaded.epoch:
            reason = "epoch"
        held.view, held.epoch, held.trusted, held.verified_at = loaded.view, loaded.epoch, True, begun_at
        held.history.clear()
        self._foreign.discard(held.stream)
        if self._watcher is not None:
            self._watcher.replaced(held, reason)
        self._advance(held)

    def _give_up(self, held: Held) -> None:
        """A board that can't be read is held no more, and its watchers hear it."""
        if self._held.get(held.stream) is held:
            del self._held[held.stream]
            self._foreign.discard(held.stream)
            self._metrics.boards.set(len(self._held))
            if self._watcher is not None:
                self._watcher.failed(held)

    # -- proving

    def start(self, watcher: Watcher | None, epoch_changed: Callable[[], None]) -> None:
        self._watcher = watcher
        self._epoch_changed = epoch_changed
        self._keep(asyncio.create_task(self._keep_proving(), name="proof"))

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def prove_now(self) -> None:
        """Ask for a proof at once: something may have been missed."""
        self._prove_now.set()

    async def _keep_proving(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                async with asyncio.timeout(DOUBT_SECONDS - PROVE_SECONDS / 2):
                    await self.prove()
            except HubError as error:
                log.warning("the boards could not be proved", error=error.code)
            except TimeoutError:
                log.warning("the boards could not be proved", error="timeout")
            except Exception:  # whatever it was: not proved, and tried again in a second
                log.exception("the boards could not be proved")
            self._let_go(loop.time())
            try:
                async with asyncio.timeout(PROVE_SECONDS):
                    await self._prove_now.wait()
            except TimeoutError:
                pass
            self._prove_now.clear()

    async def prove(self) -> None:
        """Compare every held board with the database's heads, and catch up those that are behind.

        However many ask at once, one query is made. Raises Unavailable, Overloaded.
        """
        if self._proving is None:
            self._proving = self._begin(self._prove())
            self._proving.add_done_callback(self._proved)
        await asyncio.shield(self._proving)

    def _proved(self, task: asyncio.Task[None]) -> None:
        self._proving = None
        if not task.cancelled():
            task.exception()  # whoever waits is told; nobody may be waiting any more

    async def _prove(self) -> None:
        for _ in range(ATTEMPTS):
            if await self._compare():
                return
        raise Unavailable("The database changes its epoch again and again.")

    async def _compare(self) -> bool:
        """One look at the database, and what follows of it; False when it must look again."""
        known = {held.stream: (held.version, held.head) for held in self._held.values()}
        loop = asyncio.get_running_loop()
        asked_at, asked_loop = self._house.now(), loop.time()
        found = await freshness.look(known, self._since)
        if found.follows:
            raise Unavailable("The database follows another one: it may be behind, and takes no bookings.")
        self._learn(found)
        if found.moved:
            await database.fetch_apart(database.RENEW_EPOCH_IF_SWAPPED)
            return False
        if found.epoch != self._house.epoch:
            self._take_epoch(found.epoch)
            return False
        if self._foreign:
            await self._load_foreign()
            return False
        lost = [stream for stream, head in found.heads.items() if not head.continues(*known[stream])]
        if lost:
            # What was committed, and told, is not in the database any more: no position may be continued.
            log.error("the database has lost what was committed; it gets another epoch", streams=lost[:20])
            await database.fetch_apart(database.RENEW_EPOCH, self._house.epoch)
            return False
        for stream, head in found.heads.items():
            await self._one_alone(stream, head)
        for held in [held for held in self._held.values() if not held.trusted]:
            await self._one_alone(held.stream, None)
        for stream in known:
            self._note_verified(stream, asked_at, found.heads.get(stream))
        self._proved_loop = asked_loop
        self._metrics.proved(loop.time() - asked_loop)
        if self._watcher is not None:
            self._watcher.proved(asked_at)
        return True

    def _note_verified(self, stream: str, at: datetime, head: freshness.Head | None) -> None:
        """A board that was compared, and is what the database held at ``at``. One whose loading began before is not."""
        held = self._held.get(stream)
        if held is not None and held.trusted and (head is None or held.version >= head.version):
            held.verified_at = max(held.verified_at, at)

    async def _one_alone(self, stream: str, head: freshness.Head | None) -> None:
        """Bring one board to its head. What can't be read is unavailable by itself, and stops no other's proof."""
        held = self._held.get(stream)
        if held is None:
            return
        try:
            if head is not None and held.version < head.version:
                self._metrics.behind.observe(head.version - held.version)
                await self._bring_to(held, head.version, "proof")
            if not held.trusted or (head is not None and held.version < head.version):
                await self._mend(held, "gap")
        except Unreadable:
            pass  # said, and given up
        except HubError:
            raise
        except Exception as error:
            self._quarantine.add(stream, error)
            self._give_up(held)

    async def _load_foreign(self) -> None:
        for stream in list(self._foreign):
            held = self._held.get(stream)
            if held is not None:
                with contextlib.suppress(Unreadable):  # said, and given up
                    await self._mend(held, "epoch")
            self._foreign.discard(stream)

    def _learn(self, found: freshness.Found) -> None:
        # Read again what ended up to ten seconds before the last proof: a transaction that began before it may have
        # committed after it.
        self._since = found.now - timedelta(seconds=10)
        fresh = {user: role for user, role in found.roles.items() if self._tokens.roles.get(user) != role}
        ended = self._tokens.learn(ended=found.ended, roles=fresh.items(), now=found.now.timestamp())
        if (ended or fresh) and self._watcher is not None:
            self._watcher.ended(ended, fresh)

    def _take_epoch(self, epoch: str) -> None:
        """Another database, or the same one restored: nothing that is held may be continued.

        What is watched is loaded anew by this proof, or by the next one should the database fail meanwhile.
        """
        first = not self._house.epoch
        self._house.epoch = epoch
        self._since = None
        self._tokens.forget()
        self._missed.clear()
        for held in list(self._held.values()):
            if held.watchers:
                self._foreign.add(held.stream)
            else:
                del self._held[held.stream]
        if not first:
            log.warning("the database has another epoch", epoch=epoch)
        if self._epoch_changed is not None:
            self._epoch_changed()
