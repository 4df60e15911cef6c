"""Which channels are watched, and by which sessions. What they are told is hub.live.broadcaster's.

A channel is kept from its first watcher to its last. A session that is suspended, since it is too slow, still watches.
"""

from __future__ import annotations

from hub.live.projections.projection import Channel, ChannelKey
from hub.live.sources.source import ChannelState, Source
from hub.live.subscriptions import Subscriber, Subscription
from hub.metrics import Metrics


class WatchedChannels:
    """The subscriptions of one process, by channel and by the streams that it shows."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.subscribers: set[Subscriber] = set()
        """Every session that is connected, whether it watches anything or not."""
        self.by_key: dict[ChannelKey, Subscription] = {}
        self._by_stream: dict[str, set[Subscription]] = {}

    def every(self) -> list[Subscription]:
        return list(self.by_key.values())

    def of_stream(self, stream: str) -> list[Subscription]:
        """Those that a change of the stream may concern."""
        return list(self._by_stream.get(stream, ()))

    def subscription(self, channel: Channel, source: Source, state: ChannelState) -> Subscription:
        """The channel's, or a new one, which is forgotten unless somebody is admitted to it."""
        subscription = self.by_key.get(channel.key)
        if subscription is None:
            subscription = self.by_key[channel.key] = Subscription(channel, source, state)
            for stream in subscription.streams:
                self._by_stream.setdefault(stream, set()).add(subscription)
        return subscription

    def admit(self, subscription: Subscription, subscriber: Subscriber) -> None:
        """From now on the session is told of the channel."""
        subscription.subscribers.add(subscriber)
        subscriber.lagging.discard(subscription)
        if subscription.channel.name not in subscriber.subscriptions:
            subscription.watchers += 1
            subscription.state.watchers += 1
            subscriber.subscriptions[subscription.channel.name] = subscription
            self._metrics.subscriptions.inc()

    def remove(self, subscriber: Subscriber, name: str) -> None:
        """From now on it is not; nothing happens when it was not subscribed."""
        subscription = subscriber.subscriptions.pop(name, None)
        if subscription is None:
            return
        subscription.subscribers.discard(subscriber)
        subscriber.lagging.discard(subscription)
        subscription.watchers -= 1
        subscription.state.watchers -= 1
        self._metrics.subscriptions.dec()
        self.drop_if_unwatched(subscription)

    def drop_if_unwatched(self, subscription: Subscription) -> None:
        if subscription.watchers:
            return
        self.by_key.pop(subscription.channel.key, None)
        for stream in subscription.streams:
            same_stream = self._by_stream[stream]
            same_stream.discard(subscription)
            if not same_stream:
                del self._by_stream[stream]

    def watchers_of(self, subscription: Subscription) -> list[Subscriber]:
        """The sessions that watch it, also those that are suspended."""
        name = subscription.channel.name
        return [each for each in self.subscribers if each.subscriptions.get(name) is subscription]

    def suspend(self, subscriber: Subscriber) -> None:
        """The session is told nothing until it is brought to each channel's state anew."""
        for subscription in subscriber.subscriptions.values():
            subscription.subscribers.discard(subscriber)
            subscriber.lagging.add(subscription)
