"""Messages of the processes of a server: as text for a person, or as JSON, one object a line."""

from __future__ import annotations

import logging
import logging.config
from typing import Any

import click
from pythonjsonlogger.msgspec import MsgspecFormatter

from app.serving_settings import LogFormat

#: What a server and its watcher say.
log = logging.getLogger("essays")


class _Echo(logging.Handler):
    """Messages as commands print them: warnings and worse to standard error."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(self.format(record), err=record.levelno >= logging.WARNING)


def formatter() -> logging.Formatter:
    """Each message as one JSON object, with everything that it was given besides."""
    return MsgspecFormatter(
        ["message"],
        rename_fields={"levelname": "level", "name": "logger"},
        style="%",
        reserved_attrs=_RESERVED,
        timestamp="time",
    )


#: What every record has, without what is of use in a line: level, logger, message, exception.
_RESERVED = [
    name
    for name in (
        *vars(logging.makeLogRecord({})),
        "message",
        "asctime",
        "taskName",
        "color_message",
    )
    if name not in ("levelname", "name")
]


def config(form: LogFormat) -> dict[str, Any]:
    """How a process writes its messages, as :func:`logging.config.dictConfig` takes it.

    >>> sorted(config("json")["loggers"])
    ['_granian', 'essays', 'granian.access']
    """
    text = form == "text"
    console = {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}
    server = {"handlers": ["console"], "level": "WARNING", "propagate": False}
    made: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"format": "[%(levelname)s] %(message)s"} if text else {"()": formatter}
        },
        "handlers": {
            "console": console | {"formatter": "line"},
            "echo": {"()": _Echo} if text else console | {"formatter": "line"},
        },
        "loggers": {
            "essays": {"handlers": ["echo"], "level": "INFO", "propagate": False},
            "_granian": server,
            "granian.access": server,
        },
    }
    if not text:
        made["root"] = {"handlers": ["console"], "level": "WARNING"}
    return made


def begin(form: LogFormat) -> None:
    """Write the messages of this process in this form from now on."""
    logging.config.dictConfig(config(form))
