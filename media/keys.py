"""What the HTTP application shares between its handlers."""

from aiohttp import web

from media.node import Node
from media.settings import MediaSettings

NODE = web.AppKey("node", Node)
SETTINGS = web.AppKey("settings", MediaSettings)
REQUEST_ID = web.RequestKey("request_id", str)
SIGNING_KEYS: web.AppKey[dict[str, str]] = web.AppKey("signing_keys", dict)
