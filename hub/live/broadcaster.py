"""Each frame built once per channel and position, and written to all who watch.

A Subscription is a channel with its watchers (hub.live.watched_channels). Changes that come while a frame is not yet
built are merged into it (hub.live.merge_window), and what one session gets in one tick goes out in one write
(hub.live.write_batcher). What a channel shows is its projection's, and how its state is kept current is its source's:
no kind is known here by name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from hub import logs
from hub.domain.events import Event, database_epoch, parse_position, position_text
from hub.errors import Forbidden, HubError, NotFound
from hub.live import client_commands, messages, resume
from hub.live.channel_reader import READ_SECONDS, ChannelReader
from hub.live.frame_builder import FrameBuilder, Oversized
from hub.live.frames import text_frame
from hub.live.freshness import FreshnessBroadcaster
from hub.live.merge_window import MergeWindow
from hub.live.projections.projection import Channel
from hub.live.refusals import NO_SUCH_VENUE, refusal
from hub.live.send_queue import Fresh, Reply
from hub.live.sources.source import ChannelState, Listener, Source
from hub.live.subscriptions import Subscriber, Subscription
from hub.live.watched_channels import WatchedChannels
from hub.live.write_batcher import WriteBatcher
from hub.metrics import Metrics
from hub.store import database
from hub.views.context import Context
from hub.views.quarantine import Unreadable
from hub.views.step import Step

AGAIN_SECONDS = 1.0
"""When to try again what could not be read."""
log = logs.get("hub.live.broadcaster")


class Broadcaster:
    """All subscriptions of one process."""

    def __init__(
        self, context: Context, metrics: Metrics, make_sources: Callable[[Listener], Mapping[str, Source]]
    ) -> None:
        """``make_sources`` makes the sources that tell a listener what they find, by name."""
        self.context = context
        self._metrics = metrics
        self.writer = WriteBatcher(metrics)
        self._watched = WatchedChannels(metrics)
        self.subscribers = self._watched.subscribers
        """Every session that is connected, whether it watches anything or not."""
        self._merging = MergeWindow(self.writer, self._flush)
        self._sources = make_sources(self)
        self.reader = ChannelReader(self._sources)
        self._tasks: set[asyncio.Task[None]] = set()
        self.fresh = FreshnessBroadcaster(self.subscribers, self._watched.by_key, self.writer, self._broadcast)
        self._builder = FrameBuilder(context, metrics)

    def start(self) -> None:
        """Tell every session from now on, at least every 2 s, how fresh what it holds is."""
        self.fresh.start()
        for source in self._sources.values():
            source.start()

    async def stop(self) -> None:
        for source in self._sources.values():
            await source.stop()
        self.fresh.stop()
        self._merging.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = database.in_background(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # -- subscribing

    async def subscribe(
        self,
        subscriber: Subscriber,
        channel: Channel,
        *,
        since: str | None,
        id: client_commands.Id,
        within: float = READ_SECONDS,
    ) -> None:
        """Answer a subscription, with what brings the session to the channel's position, and keep it there.

        Raises HubError when the state can't be read or verified at the moment; NotRead when that takes longer than
        ``within`` seconds.
        """
        wanted = parse_position(since)
        if wanted is not None and database_epoch(wanted[0]) != self.context.epoch:
            wanted = None
        state, read = await self.reader.prepare(channel, wanted, within=within)
        if subscriber not in self.subscribers:
            return  # it left while we waited: admitted now, nothing would ever forget it
        role = subscriber.role_at(channel.venue_id)
        if not channel.may_see(role):
            raise Forbidden("Your role may not see this channel.")  # it was narrowed while we waited
        channel = channel.as_seen_by(role)
        if self.context.venue(channel.venue_id) is None:
            raise NotFound(NO_SUCH_VENUE)  # it was retired while we waited
        # From here on nothing waits: what is told now and what is told next fit together without a gap.
        subscription = self._subscription_of(channel, state)
        if subscription.has_news:
            self._broadcast(subscription)
            subscription = self._subscription_of(channel, state)  # it ends where what it tells does not fit
        # Asked anew: the epoch may have changed while we waited.
        missed = None
        if wanted and wanted[0] == subscription.epoch == state.epoch:
            missed = resume.chain(read, state, wanted[1], subscription.version)
        position, frame, outcome = subscription.position, None, "current"
        if since != position:
            if missed and wanted:
                since_then = position_text(*wanted)
                frame, outcome = self._builder.update(subscription, since_then, missed[-1].at, missed), "resumed"
            if frame is None:
                try:
                    frame, outcome = self._builder.snapshot(subscription), "snapshot"
                except Oversized:
                    self._watched.drop_if_unwatched(subscription)
                    raise
        self._watched.admit(subscription, subscriber)
        self.writer.send(subscriber, messages.subscribed(id, channel.name, position, outcome != "snapshot"))
        if frame is not None:
            # An update that one session alone is told is not thrown away in favour of a newer state.
            self.writer.enqueue(subscriber, frame if outcome == "snapshot" else Reply(frame))
        self._metrics.recoveries.labels(outcome).inc()
        self.fresh.send_to(subscriber)

    def _subscription_of(self, channel: Channel, state: ChannelState) -> Subscription:
        return self._watched.subscription(channel, self.reader.source_of(channel), state)

    def unsubscribe(self, subscriber: Subscriber, name: str) -> None:
        """Stop telling a session of a channel; nothing happens when it was not subscribed."""
        subscription = subscriber.subscriptions.get(name)
        self._watched.remove(subscriber, name)
        if subscription is not None:
            self.reader.source_of(subscription.channel).left(subscription.channel, subscriber.name)

    def show_to_role(self, subscriber: Subscriber, subscription: Subscription) -> None:
        """A session has another role now, and goes on with the channel as that one sees it."""
        channel = subscription.channel.as_seen_by(subscriber.role_at(subscription.channel.venue_id))
        if channel is subscription.channel:
            return
        self.unsubscribe(subscriber, channel.name)
        other = self._subscription_of(channel, subscription.state)
        self._watched.admit(other, subscriber)
        self.resync(subscriber, other, "role")

    def suspend(self, subscriber: Subscriber) -> None:
        """A session is too slow: nothing is told to it until :meth:`resync`."""
        self._watched.suspend(subscriber)

    def resync(self, subscriber: Subscriber, subscription: Subscription, reason: str) -> None:
        """What a session holds of a channel can't be continued: resync, a snapshot, and it is told again."""
        if subscriber.subscriptions.get(subscription.channel.name) is not subscription:
            return  # unsubscribed meanwhile
        if not subscription.is_ready:
            self._resync_when_ready([subscriber], subscription, reason)
            return
        self._broadcast(subscription)
        subscription.subscribers.add(subscriber)
        self._send_whole(subscription, [subscriber], reason)
        self.fresh.send_to(subscriber)

    def leave(self, subscriber: Subscriber) -> None:
        """Forget a session."""
        for name in list(subscriber.subscriptions):
            self.unsubscribe(subscriber, name)
        self.subscribers.discard(subscriber)
        self.fresh.leave(subscriber)

    # -- telling

    def _send_whole(self, subscription: Subscription, subscribers: Collection[Subscriber], reason: str) -> None:
        """What these sessions hold of a channel can't be continued: a resync, and a snapshot. Where that does not fit
        into a frame, their subscriptions end."""
        try:
            frame = self._builder.snapshot(subscription)
        except Oversized as error:
            self._end(subscription, subscribers, error)
            return
        self.writer.enqueue_all(subscribers, text_frame(messages.resync(subscription.channel.name, reason)))
        self.writer.enqueue_all(subscribers, frame)

    def _end(self, subscription: Subscription, subscribers: Collection[Subscriber], error: HubError) -> None:
        """End the subscriptions of these sessions to a channel; the error says whether each may try again."""
        name = subscription.channel.name
        told = refusal(None, name, error)
        for subscriber in list(subscribers):
            self.writer.send(subscriber, told)
            self.unsubscribe(subscriber, name)

    def _broadcast(self, subscription: Subscription) -> None:
        """All changes that are not told yet, in one frame, to all who watch; the whole, where no update tells them."""
        if (reason := subscription.cut_off_by) is not None:
            self._begin_anew(subscription, reason)
            return
        steps, subscription.steps = subscription.steps, []
        if not steps:
            return
        previous = subscription.position
        subscription.version = steps[-1].version
        frame = self._builder.update(subscription, previous, steps[-1].at, steps)
        self.fresh.due = True
        if frame is None:
            self._send_whole(subscription, subscription.subscribers, "gap")
            return
        if subscription.subscribers:
            self.writer.enqueue_all(subscription.subscribers, frame, since=steps[0].at)
        self._metrics.frames.labels("update").inc()
        self._metrics.merged.inc(len(steps) - 1)

    # -- what the views say

    def hint(self, events: Iterable[Event]) -> None:
        """Events were committed, here or elsewhere. Never waits."""
        for source in self._sources.values():
            source.hint(events)

    def changed(self, state: ChannelState, steps: Sequence[Step]) -> None:
        """A state moved on: tell it at once when it is calm, with what else comes shortly when it is not."""
        subscriptions = self._watched.of_stream(state.stream)
        if not subscriptions:
            return
        for subscription in subscriptions:
            if subscription.channel.stream == state.stream:
                subscription.steps.extend(steps)
        self._merging.schedule(state.stream)

    def _flush(self, stream: str) -> None:
        """Tell what has changed on a stream, of each channel that shows it."""
        for subscription in self._watched.of_stream(stream):
            if subscription.is_ready:
                self._broadcast(subscription)
            elif subscription.loading is None:
                subscription.loading = self._in_background(self._broadcast_when_ready(subscription))
        self.fresh.go_with_data()

    def replaced(self, state: ChannelState, reason: str) -> None:
        """A state was loaded anew: what its watchers hold can't be continued."""
        if reason == "epoch":
            self._forget()
        for subscription in self._watched.of_stream(state.stream):
            if subscription.channel.stream == state.stream:
                self._begin_anew(subscription, reason)
            elif (other := subscription.cut_off_by) is not None:
                self._begin_anew(subscription, reason if reason == "epoch" else other)

    def _forget(self) -> None:
        for source in self._sources.values():
            source.forget()

    def _begin_anew(self, subscription: Subscription, reason: str) -> None:
        """What the watchers of a channel hold can't be continued: tell them the whole."""
        subscription.begin_anew()
        if not subscription.is_ready:
            # Until it is its watchers are behind: no update, and no newer freshness, is told to them.
            suspended = list(subscription.subscribers)
            subscription.subscribers.clear()
            self._resync_when_ready(suspended, subscription, reason)
            return
        self._send_whole(subscription, subscription.subscribers, reason)
        self.fresh.due = True

    def failed(self, state: ChannelState) -> None:
        """A view can't be read any more: the subscriptions that show it end, and a client may try again."""
        for subscription in self._watched.of_stream(state.stream):
            if not subscription.source.keeps(subscription.state):
                self._end(subscription, self._watched.watchers_of(subscription), Unreadable())

    def verified(self, at: datetime) -> None:
        """All that is held equals the database at ``at``, by this machine's clock: hub.live.freshness says it."""
        for subscription in self._watched.every():
            # Of a state that is not the views', who say it themselves; or the rules are others.
            if (reason := subscription.cut_off_by) is not None:
                if reason == "epoch":
                    self._forget()
                self._begin_anew(subscription, reason)
        for source in self._sources.values():
            source.views_verified()
        self.fresh.verified(at, Fresh(text_frame(messages.fresh(self._builder.moment(at)))))

    def ended(self, sessions: set[int], users: set[int]) -> None:
        """Sessions that were ended are closed, and those of users with other roles narrowed."""
        for subscriber in list(self.subscribers):
            if subscriber.session_id in sessions:
                subscriber.end("revoked", "the session was ended")
            elif subscriber.user_id in users:
                subscriber.take_roles()

    def retired(self, venues: set[int]) -> None:
        """Subscriptions to channels of venues that are open no more end."""
        for subscription in self._watched.every():
            if subscription.channel.venue_id in venues:
                self._end(subscription, self._watched.watchers_of(subscription), NotFound(NO_SUCH_VENUE))

    # -- what must be read before it can be told

    async def _broadcast_when_ready(self, subscription: Subscription) -> None:
        try:
            await subscription.prepare()
        except Exception as error:
            _not_ready(subscription, error)
            self._merging.schedule_in(subscription.state.stream, AGAIN_SECONDS)
            return
        finally:
            subscription.loading = None
        if subscription.is_ready:
            self._broadcast(subscription)

    def _resync_when_ready(self, subscribers: Iterable[Subscriber], subscription: Subscription, reason: str) -> None:
        """Tell these sessions anew when all is read: one reading at a time a channel, however often it is asked for."""
        for subscriber in subscribers:
            subscriber.lagging.add(subscription)
            subscription.behind.setdefault(subscriber, reason)
        if subscription.catching_up is None:
            subscription.catching_up = self._in_background(self._resync_behind(subscription))

    async def _resync_behind(self, subscription: Subscription) -> None:
        try:
            while subscription.behind:
                try:
                    await subscription.prepare()
                except Exception as error:
                    _not_ready(subscription, error)
                    await asyncio.sleep(AGAIN_SECONDS)
                    subscription.behind = _still_behind(subscription)
                    continue
                behind = _still_behind(subscription)  # the others were told meanwhile, or left
                subscription.behind = {}
                for subscriber, reason in behind.items():
                    subscriber.lagging.discard(subscription)
                    self.resync(subscriber, subscription, reason)
        finally:
            subscription.catching_up = None


def _still_behind(subscription: Subscription) -> dict[Subscriber, str]:
    return {each: reason for each, reason in subscription.behind.items() if subscription in each.lagging}


def _not_ready(subscription: Subscription, error: Exception) -> None:
    """Nothing waits for these tasks: whatever failed is said here, and tried again."""
    if isinstance(error, HubError):
        log.warning("a channel's changes could not be sent yet", channel=subscription.channel.name, error=error.code)
    else:
        log.error("a channel's changes could not be sent yet", channel=subscription.channel.name, exc_info=error)
