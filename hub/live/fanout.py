"""Each frame built once per channel and position, and written to all who watch.

A Topic is a channel with its watchers. What changes while a frame is not yet built is merged into it: at once when it
is calm, a little later in a burst. Each frame of a stream uses up twice the time that the last changes took to be
written to all (within MERGE_SECONDS), and may go out LEAD_SECONDS before that time has passed: so the more there is to
write the more is merged, and a frame that was held up does not hold up those after it. What a session is owed in one
tick goes out in one write (hub.live.writer). What boards hold and how they are verified is hub.boards'.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from hub import database, logs
from hub.boards import Boards
from hub.domain.event import parse_position, position_text
from hub.errors import Forbidden, HubError, Unavailable
from hub.held import Held, Step
from hub.house import House
from hub.live import protocol
from hub.live.channels import Channel
from hub.live.frames import Frame, text_frame
from hub.live.fresh import FreshTeller
from hub.live.mine import Mine, MineState
from hub.live.outbox import Answer, Fresh
from hub.live.projections import Availability, Floor, Projection, Source, Tables
from hub.live.registry import LARGEST_FRAME
from hub.live.topics import Sink, Topic
from hub.live.venue import Venue
from hub.live.writer import Writer
from hub.metrics import Metrics
from hub.quarantine import Unreadable

MERGE_SECONDS = (0.005, 0.02)
LEAD_SECONDS = 0.02
AGAIN_SECONDS = 1.0
ATTEMPTS = 3
"""How often a subscription looks for a board that is let go in the same moment."""
OVERSIZED_SECONDS = 60
"""When to ask again for a channel whose state is larger than a frame may be: it can't change soon."""
MOST_OVERSIZED = 1000
log = logs.get("hub.live.fanout")


class Oversized(Unavailable):
    """What a channel shows does not fit into a frame: no client is sent what it need not take."""

    message = "This channel shows more than a frame may hold."
    retry_after = OVERSIZED_SECONDS


class Fanout:
    """All topics of one process."""

    def __init__(self, house: House, boards: Boards, metrics: Metrics) -> None:
        self._house = house
        self._metrics = metrics
        self.writer = Writer(metrics)
        self.sinks: set[Sink] = set()
        """Every session that is connected, whether it watches anything or not."""
        self._topics: dict[str, Topic] = {}
        self._by_stream: dict[str, set[Topic]] = {}
        self._timers: dict[str, asyncio.Handle] = {}
        self._used_until: dict[str, float] = {}
        """Until when the frames of a stream have used up the time that is theirs."""
        self._venue = Venue(house, self.changed)
        self.mine = Mine(house, self.changed, self.replaced)
        self.projections: dict[str, Projection] = {
            "venue": self._venue,
            "tables": Tables(house, boards),
            "availability": Availability(house, boards),
            "floor": Floor(house, boards),
            "mine": self.mine,
        }
        self._tasks: set[asyncio.Task[None]] = set()
        self.fresh = FreshTeller(self.sinks, self._topics, self.writer, self._tell)
        self._oversized: dict[str, str] = {}
        """Channels whose state was larger than a frame may be, and the position at which that was found last."""

    def start(self) -> None:
        """Tell every session from now on, at least every 2 s, how fresh what it holds is."""
        self.fresh.start()
        self._venue.start()

    async def stop(self) -> None:
        self._venue.stop()
        await self.mine.stop()
        self.fresh.stop()
        for timer in self._timers.values():
            timer.cancel()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = database.in_background(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # -- subscribing

    async def subscribe(self, sink: Sink, channel: Channel, *, since: str | None, id: protocol.Id) -> None:
        """Answer a subscription, with what brings the session to the channel's position, and keep it there.

        Raises HubError when the board can't be read or proved at the moment.
        """
        wanted = parse_position(since)
        if wanted is not None and wanted[0] != self._house.epoch:
            wanted = None
        projection = self.projections[channel.kind.name]
        source, read = await self._prepare(projection, channel, wanted[1] if wanted else None)
        if sink not in self.sinks:
            return  # it left while we waited: admitted now, nothing would ever forget it
        if not channel.may_see(sink.role):
            raise Forbidden("Your role may not see this channel.")  # it was narrowed while we waited
        # From here on nothing waits: what is told now and what is told next fit together without a gap.
        topic = self._topic(channel, projection, source)
        if topic.steps:
            self._tell(topic)
            topic = self._topic(channel, projection, source)  # it ends where what it tells does not fit
        # Asked anew: the epoch may have changed while we waited.
        missed = None
        if wanted and wanted[0] == topic.epoch == self._epoch_of(source):
            missed = projection.chain(read, source, wanted[1], topic.version)
        position, state, outcome = self._position(topic), None, "current"
        if since != position:
            if missed and wanted:
                state, outcome = self._update(topic, position_text(*wanted), missed[-1].at, missed), "resumed"
            if state is None:
                try:
                    state, outcome = self.snapshot(topic), "snapshot"
                except Oversized:
                    self._drop_if_unwatched(topic)
                    raise
        self._admit(topic, sink)
        self.writer.say(sink, protocol.subscribed(id, channel.name, position, outcome != "snapshot"))
        if state is not None:
            # An update that one session alone is told is not thrown away in favour of a newer state.
            self.writer.owe(sink, state if outcome == "snapshot" else Answer(state))
        self._metrics.recoveries.labels(outcome).inc()
        self.fresh.tell_to(sink)

    async def _prepare(
        self, projection: Projection, channel: Channel, since: int | None, at_least: int = 0
    ) -> tuple[Source, list[Step]]:
        """The state of a channel, ready to be shown until somebody else's turn; and what was missed after ``since``,
        where memory does not reach back. Raises HubError."""
        for _ in range(ATTEMPTS):
            # What the client has seen elsewhere may still be on its way to this process.
            source = await projection.read(channel, at_least=since or at_least)
            read = await projection.read_missed(source, since) if since is not None else []
            await projection.prepare(source)
            if projection.keeps(source):
                return source, read
        raise Unavailable()  # let go each time before anybody watched it, and nobody would keep it current

    async def read(self, channel: Channel, *, at_least: int = 0) -> tuple[str, Callable[[], dict[str, Any]]]:
        """A channel's position, at version ``at_least`` if that exists, and what makes its data at that position before
        anything else is awaited. Raises HubError when it can't be read or verified at the moment."""
        projection = self.projections[channel.kind.name]
        source, _ = await self._prepare(projection, channel, None, at_least)
        return position_text(self._epoch_of(source), source.version), lambda: projection.snapshot(source)

    def _topic(self, channel: Channel, projection: Projection, source: Source) -> Topic:
        topic = self._topics.get(channel.key)
        if topic is None:
            topic = self._topics[channel.key] = Topic(channel, projection, source, self._epoch_of(source))
            self._by_stream.setdefault(channel.stream, set()).add(topic)
        return topic

    def _admit(self, topic: Topic, sink: Sink) -> None:
        topic.sinks.add(sink)
        sink.behind.discard(topic)
        if topic.channel.name not in sink.topics:
            topic.watchers += 1
            topic.source.watchers += 1
            sink.topics[topic.channel.name] = topic
            self._metrics.subscriptions.inc()

    def unsubscribe(self, sink: Sink, name: str) -> None:
        """Stop telling a session of a channel; nothing happens when it was not subscribed."""
        topic = sink.topics.pop(name, None)
        if topic is None:
            return
        topic.sinks.discard(sink)
        sink.behind.discard(topic)
        topic.watchers -= 1
        topic.source.watchers -= 1
        self._metrics.subscriptions.dec()
        self._drop_if_unwatched(topic)

    def _drop_if_unwatched(self, topic: Topic) -> None:
        if not topic.watchers:
            self._topics.pop(topic.channel.key, None)
            same_stream = self._by_stream[topic.channel.stream]
            same_stream.discard(topic)
            if not same_stream:
                del self._by_stream[topic.channel.stream]

    def set_aside(self, sink: Sink) -> None:
        """A session is too slow: nothing is told to it until :meth:`tell_anew`."""
        for topic in sink.topics.values():
            topic.sinks.discard(sink)
            sink.behind.add(topic)

    def tell_anew(self, sink: Sink, topic: Topic, reason: str) -> None:
        """What a session holds of a channel can't be continued: resync, a snapshot, and it is told again."""
        if sink.topics.get(topic.channel.name) is not topic:
            return  # unsubscribed meanwhile
        if not topic.is_ready:
            sink.behind.add(topic)
            self._in_background(self._tell_anew_when_ready([sink], topic, reason))
            return
        self._tell(topic)
        topic.sinks.add(sink)
        self._tell_whole(topic, [sink], reason)
        self.fresh.tell_to(sink)

    def leave(self, sink: Sink) -> None:
        """Forget a session."""
        for name in list(sink.topics):
            self.unsubscribe(sink, name)
        self.sinks.discard(sink)
        self.fresh.leave(sink)

    # -- building frames

    def _position(self, topic: Topic) -> str:
        return position_text(topic.epoch, topic.version)

    def _epoch_of(self, source: Source) -> str:
        """The epoch that what it shows is of: a board's own is the one that it was loaded from."""
        return source.epoch if isinstance(source, Held | MineState) else self._house.epoch

    def _moment(self, at: datetime) -> str:
        return at.astimezone(self._house.rules.zone).isoformat(timespec="milliseconds")

    def snapshot(self, topic: Topic) -> Frame:
        """The channel's whole state as a frame, built once a version. The topic has told all its changes.

        Raises Oversized where it does not fit.
        """
        position = self._position(topic)
        if topic.snapshot is None or topic.snapshot[0] != position:
            if self._oversized.get(topic.channel.key) == position:
                raise Oversized()  # it was built once, and that is enough
            data = topic.projection.snapshot(topic.source)
            at = self._moment(datetime.now(UTC))
            frame = self._fitting(topic, text_frame(protocol.snapshot(topic.channel.name, position, at, data)))
            if frame is None:
                self._oversized[topic.channel.key] = position
                raise Oversized()
            self._oversized.pop(topic.channel.key, None)
            topic.snapshot = (position, frame)
            self._metrics.frames.labels("snapshot").inc()
        return topic.snapshot[1]

    def _update(self, topic: Topic, previous: str, at: datetime, steps: Sequence[Step]) -> Frame | None:
        """None where it does not fit into a frame."""
        data = topic.projection.update(topic.source, steps)
        message = protocol.update(topic.channel.name, previous, self._position(topic), self._moment(at), data)
        return self._fitting(topic, text_frame(message))

    def _fitting(self, topic: Topic, frame: Frame) -> Frame | None:
        if len(frame) <= LARGEST_FRAME:
            return frame
        key = topic.channel.key
        self._metrics.frames.labels("oversized").inc()
        if key not in self._oversized:
            log.error("a channel shows more than a frame may hold", channel=topic.channel.name, bytes=len(frame))
            if len(self._oversized) >= MOST_OVERSIZED:
                self._oversized.clear()
            self._oversized[key] = ""
        return None

    def _tell_whole(self, topic: Topic, sinks: Collection[Sink], reason: str) -> None:
        """What these sessions hold of a channel can't be continued: a resync, and a snapshot. Where that does not fit
        into a frame, their subscriptions end."""
        try:
            frame = self.snapshot(topic)
        except Oversized as error:
            self._end(topic, sinks, error)
            return
        self.writer.owe_all(sinks, text_frame(protocol.resync(topic.channel.name, reason)))
        self.writer.owe_all(sinks, frame)

    def _end(self, topic: Topic, sinks: Collection[Sink], error: HubError) -> None:
        """End the subscriptions of these sessions to a channel; each may try again."""
        name, wait = topic.channel.name, (error.retry_after or 0) * 1000
        told = protocol.error(
            None, error.code, error.message, channel=name, retryable=error.retryable, retry_after_ms=wait
        )
        for sink in list(sinks):
            self.writer.say(sink, told)
            self.unsubscribe(sink, name)

    def _tell(self, topic: Topic) -> None:
        """One frame for all changes that are not told yet, to all who watch."""
        steps, topic.steps = topic.steps, []
        if not steps:
            return
        previous = self._position(topic)
        topic.version = steps[-1].version
        frame = self._update(topic, previous, steps[-1].at, steps)
        self.fresh.due = True
        if frame is None:
            self._tell_whole(topic, topic.sinks, "gap")
            return
        if topic.sinks:
            self.writer.owe_all(topic.sinks, frame, since=steps[0].at)
        self._metrics.frames.labels("update").inc()
        self._metrics.merged.inc(len(steps) - 1)

    # -- what the boards say

    def changed(self, held: Source, steps: Sequence[Step]) -> None:
        """A state moved on: tell it at once when it is calm, with what else comes shortly when it is not."""
        topics = self._by_stream.get(held.stream)
        if not topics:
            return
        for topic in topics:
            topic.steps.extend(steps)
        if held.stream not in self._timers:
            loop = asyncio.get_running_loop()
            wait = self._used_until.get(held.stream, 0.0) - LEAD_SECONDS - loop.time()
            self._timers[held.stream] = (
                loop.call_later(wait, self._flush, held.stream)
                if wait > 0
                else loop.call_soon(self._flush, held.stream)
            )

    def _flush(self, stream: str) -> None:
        self._timers.pop(stream, None)
        now = asyncio.get_running_loop().time()
        least, most = MERGE_SECONDS
        self._used_until[stream] = max(now, self._used_until.get(stream, 0.0)) + min(
            most, max(least, 2 * self.writer.took)
        )
        if len(self._used_until) > 4096:
            self._used_until = {name: until for name, until in self._used_until.items() if until > now}
        for topic in tuple(self._by_stream.get(stream, ())):
            if topic.is_ready:
                self._tell(topic)
            elif topic.loading is None:
                topic.loading = self._in_background(self._tell_when_ready(topic))
        self.fresh.go_with_data()

    def replaced(self, held: Source, reason: str) -> None:
        """A state was loaded anew: what its watchers hold can't be continued."""
        if reason == "epoch":
            for projection in self.projections.values():
                projection.forget()
        for topic in list(self._by_stream.get(held.stream, ())):
            topic.steps.clear()
            topic.snapshot, topic.epoch, topic.version = None, self._epoch_of(held), held.version
            if not topic.is_ready:
                # Until it is its watchers are behind: no update, and no newer freshness, is told to them.
                aside = list(topic.sinks)
                topic.sinks.clear()
                for sink in aside:
                    sink.behind.add(topic)
                self._in_background(self._tell_anew_when_ready(aside, topic, reason))
                continue
            self._tell_whole(topic, topic.sinks, reason)
            self.fresh.due = True

    def failed(self, held: Held) -> None:
        """A board can't be read any more: its subscriptions end, and a client may try again."""
        for topic in list(self._by_stream.get(held.stream, ())):
            name = topic.channel.name
            self._end(topic, [sink for sink in self.sinks if sink.topics.get(name) is topic], Unreadable())

    def proved(self, at: datetime) -> None:
        """All that is held equals the database at ``at``, by this machine's clock: hub.live.fresh says it."""
        for topic in list(self._topics.values()):
            if topic.epoch != self._epoch_of(topic.source):  # of what is not the boards', who say it themselves
                self.replaced(topic.source, "epoch")
        self.mine.check_soon()
        self.fresh.verified(at, Fresh(text_frame(protocol.fresh(self._moment(at)))))

    def ended(self, sessions: set[int], roles: dict[int, str]) -> None:
        """Sessions that were ended are closed, and those of users with another role narrowed."""
        for sink in list(self.sinks):
            if sink.session_id in sessions:
                sink.end("revoked", "the session was ended")
            elif sink.user_id in roles:
                sink.take_role(roles[sink.user_id])

    # -- what must be read before it can be told

    async def _tell_when_ready(self, topic: Topic) -> None:
        try:
            await topic.projection.prepare(topic.source)
        except Exception as error:
            _not_ready(topic, error)
            asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._flush, topic.source.stream)
            return
        finally:
            topic.loading = None
        if topic.is_ready:
            self._tell(topic)

    async def _tell_anew_when_ready(self, sinks: Sequence[Sink], topic: Topic, reason: str) -> None:
        while True:
            try:
                await topic.projection.prepare(topic.source)
                break
            except Exception as error:
                _not_ready(topic, error)
                await asyncio.sleep(AGAIN_SECONDS)
            if not any(topic in sink.behind for sink in sinks):
                return  # they left
        for sink in sinks:
            if topic in sink.behind:  # else it was told meanwhile, or left
                sink.behind.discard(topic)
                self.tell_anew(sink, topic, reason)


def _not_ready(topic: Topic, error: Exception) -> None:
    """Nothing waits for these tasks: whatever failed is said here, and tried again."""
    if isinstance(error, HubError):
        log.warning("a channel could not be told yet", channel=topic.channel.name, error=error.code)
    else:
        log.error("a channel could not be told yet", channel=topic.channel.name, exc_info=error)
