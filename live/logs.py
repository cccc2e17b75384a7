"""Structured logs on stderr: one JSON object a line, or coloured text for a person.

structlog's loggers and the standard library's (aiohttp, motor) go through the same chain. `request_id` is bound as a
context variable for the time of a request or a socket, and is then on every line, whoever writes it.
"""

import logging
import sys
from typing import Final

import structlog
from aiohttp.http_exceptions import HttpProcessingError
from structlog.dev import plain_traceback
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor

from live.settings import Settings

QUIET: Final = {"aiohttp.access": logging.WARNING, "pymongo": logging.WARNING, "asyncio": logging.WARNING}

# Local variables hold secrets and people's data: they stay out of the log.
_EXCEPTIONS: Final = ExceptionRenderer(ExceptionDictTransformer(show_locals=False))


def configure(settings: Settings) -> None:
    """Set up logging for this process; call it once, before anything is logged. Never called by an import."""
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    for_people = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    last: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        *(
            [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain_traceback)]
            if for_people
            else [_EXCEPTIONS, structlog.processors.JSONRenderer(ensure_ascii=False)]
        ),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_discreet)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(max(level, least))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _discreet(record: logging.LogRecord) -> bool:
    """aiohttp names the address of who sent what it could not read, and quotes it: cookies and tokens included."""
    if record.name == "aiohttp.server":
        record.msg, record.args = str(record.msg).removesuffix(" from %s"), ()
        if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
            record.msg, record.exc_info = "request not readable", None
            record.levelno, record.levelname = logging.INFO, "INFO"
    return True
