"""What the HTTP application shares between its handlers."""

from aiohttp import web

from media.counter_offer import CounterOffers
from media.limits import Limits
from media.node import Node
from media.server_events import EventStreams
from media.settings import MediaSettings

NODE = web.AppKey("node", Node)
SETTINGS = web.AppKey("settings", MediaSettings)
REQUEST_ID = web.RequestKey("request_id", str)
SIGNING_KEYS: web.AppKey[dict[str, str]] = web.AppKey("signing_keys", dict)
LIMITS = web.AppKey("limits", Limits)
COUNTER_OFFERS = web.AppKey("counter_offers", CounterOffers)
EVENT_STREAMS = web.AppKey("event_streams", EventStreams)
