"""A model's endpoint: where it is, how it is asked, what its answer holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from review import __version__
from review.ground.errors import SourceError, UsageError
from review.ground.json import JsonError, parse_json
from review.ground.net import Answer, Manners, TransientError, ask
from review.ground.proxies import THIS_MACHINE
from review.ground.secrets import scrub, variable
from review.ground.session import posting

KEY = "REVIEW_MODEL_KEY"
ADDRESS = "REVIEW_MODEL_URL"
SERVICE = "the model's endpoint"
MOST_TEXT, MAX_ANSWER = 60_000, 2_000_000
"""Characters of an article that are sent, bytes of an answer that are read."""
MANNERS = Manners(attempts=3, longest=30.0, read_timeout=60.0, deadline=180.0, total=180.0)
MAY_PASS = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))
"""Statuses after which it is asked again."""


class Api(StrEnum):
    """How an endpoint is spoken to."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"


@dataclass(frozen=True)
class Endpoint:
    """Where a model is, and how it is spoken to."""

    api: Api
    address: str
    model: str

    @property
    def local(self) -> bool:
        """Whether it runs on this machine."""
        return urlsplit(self.address).hostname in THIS_MACHINE


def endpoint(model: str, api: str | None, address: str | None) -> Endpoint:
    """The endpoint from arguments or environment: never from a file, which a stranger's change to
    the review may name, and the key would follow.

    :raises UsageError: where none is named, it is not safe to send a key to, or no key is set
    """
    where = address or variable(ADDRESS)
    kind = Api(api) if api else (Api.ANTHROPIC if where and "anthropic" in where else Api.OPENAI)
    if where is None and kind is Api.ANTHROPIC:
        where = "https://api.anthropic.com"
    if where is None:
        raise UsageError(f"--model {model}: no endpoint; give --endpoint URL or set {ADDRESS}")
    parts = urlsplit(where)
    one = Endpoint(kind, where.rstrip("/"), model)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise UsageError(f"--endpoint {scrub(where)}: found no address, expected https://host/…")
    if parts.scheme == "http" and not one.local:
        raise UsageError(
            f"--endpoint {where}: found http, expected https (http on this machine only)"
        )
    if not one.local and not variable(KEY):
        raise UsageError(f"--model {model}: {KEY} is not set; nothing was sent")
    key = variable(KEY) or ""
    if not (key.isascii() and key.isprintable()):
        raise UsageError(
            f"{KEY}: found a sign that no request can carry, expected letters, digits and signs of "
            "ASCII; nothing was sent"
        )
    return one


def request_of(
    one: Endpoint, system: str, text: str, schema: dict[str, Any]
) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Address, headers and body of a request; temperature 0, the schema in the API's own way.

    :param system: the instruction
    :param text: the article, which is data
    :param schema: JSON Schema of the answer
    """
    article = f"<article>\n{text[:MOST_TEXT].replace('</article', '< /article')}\n</article>"
    key = variable(KEY) or ""
    headers = {"User-Agent": f"living-review/{__version__}", "Content-Type": "application/json"}
    if one.api is Api.OPENAI:
        if key:
            headers["Authorization"] = f"Bearer {key}"
        kind = {
            "type": "json_schema",
            "json_schema": {"name": "values", "strict": True, "schema": schema},
        }
        body = {
            "model": one.model,
            "temperature": 0,
            "messages": [
                {"role": "system", "content": system},
                {"role": "user", "content": article},
            ],
            "response_format": kind,
        }
        path = "/chat/completions" if one.address.endswith("/v1") else "/v1/chat/completions"
        return one.address + path, headers, body
    headers |= {"x-api-key": key, "anthropic-version": "2023-06-01"}
    tool = {"name": "values", "description": "the values found", "input_schema": schema}
    body = {
        "model": one.model,
        "temperature": 0,
        "max_tokens": 4096,
        "system": system,
        "messages": [{"role": "user", "content": article}],
        "tools": [tool],
        "tool_choice": {"type": "tool", "name": "values"},
    }
    path = "/messages" if one.address.endswith("/v1") else "/v1/messages"
    return one.address + path, headers, body


def answer_to(address: str, headers: dict[str, str], body: dict[str, Any]) -> bytes:
    """What the endpoint answers to a request.

    :raises SourceError: when it is given up
    """
    request = posting(address, headers, body, MAX_ANSWER)
    try:
        answer: bytes = ask(request, _accepted, what=SERVICE, manners=MANNERS)
    except SourceError as error:
        raise SourceError(f"{error}; nothing was taken") from None
    return answer


def _accepted(answer: Answer) -> bytes:
    """The body of an answer that is one.

    :raises TransientError: ask again
    :raises SourceError: give up, after a redirect too, which would take the key elsewhere
    """
    if answer.status in MAY_PASS:
        raise TransientError(f"HTTP {answer.status}", answer.retry_after)
    if answer.status != 200:
        raise SourceError(f"{SERVICE}: HTTP {answer.status}")
    return answer.body


def content(api: Api, raw: bytes) -> Any:
    """The JSON a model was asked for, out of the API's envelope.

    :raises SourceError: where it is no such answer
    """
    try:
        value = parse_json(raw)
        if api is Api.OPENAI:
            words = value["choices"][0]["message"]["content"]
            return parse_json(words)
        for part in value["content"]:
            if part.get("type") == "tool_use":
                return part["input"]
        raise KeyError("tool_use")
    except JsonError as error:
        raise SourceError(f"the model's answer is {error}") from None
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise SourceError(f"the model's answer is not readable: {type(error).__name__}") from None
