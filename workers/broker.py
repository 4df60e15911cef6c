"""Taskiq's broker over the stream of Redis that hub.views.wake_ups writes to."""

from __future__ import annotations

from taskiq.serializers import JSONSerializer
from taskiq_redis import RedisStreamBroker

from hub.config import Settings
from hub.views.wake_ups import LONGEST, QUEUE


def make_broker(settings: Settings) -> RedisStreamBroker:
    """The queue of wake-ups, for those who read it."""
    broker = RedisStreamBroker(
        settings.broker_url,
        queue_name=QUEUE,
        consumer_group_name="hub",
        consumer_id="0",  # what was published before the first worker ever started is read too
        maxlen=LONGEST,
        xread_count=10,
        xread_block=2000,  # below the client's socket timeout
        socket_timeout=5,
        socket_connect_timeout=1,
    )
    broker.serializer = JSONSerializer()
    return broker
