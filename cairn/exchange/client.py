"""The public API as import and export use it: patient, safe to repeat, and reading what it has just written.

A refusal is `ApiRefused`, with the server's own sentences; `TokenRefused` and `NotCairn` say that the call is wrong;
`Unreachable` says that trying again later may help.
"""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx

PATIENCE = 90.0
"""Seconds of waiting for one request, all its repetitions together."""
NOBODY_THERE = 2.0
"""Seconds for a server that has never answered: it was probably not started."""
RESTARTING = 45.0
"""Seconds for a server that has answered before and does not now."""
AGAIN = frozenset({429, 502, 503, 504})
FILE_SECONDS = 300.0
"""How long a whole file may take to be judged and applied."""
LARGEST_BODY = 500_000
"""Characters of JSON to send at once; half of what the API takes."""
MOST_IDS = 192
"""Event ids to carry before waiting for them, so that the header stays within what servers take."""
LONGEST_WAIT = 30.0
SHORTEST_LOOK, LONGEST_LOOK = 0.2, 3.0
"""Seconds between two looks at something that takes its time."""
FOLLOWERS = ("cycles?limit=1", "check-ins?limit=1")
"""A read of each service that other imports write to."""


class ApiFailure(Exception):
    """Something other than the hoped-for answer; the message is for the user."""


class Unreachable(ApiFailure):
    """Not there now, or too busy for longer than our patience."""


class NotCairn(ApiFailure):
    """Something answers, but not Cairn."""


class TokenRefused(ApiFailure):
    """The token is not valid."""


class ApiRefused(ApiFailure):
    """The request was understood and refused; `problem` is the server's document."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        self.status = status
        self.problem = problem
        places = [f"  {one.get('pointer', '')}: {one.get('detail', '')}" for one in problem.get("errors", [])[:20]]
        super().__init__("\n".join([str(problem.get("detail", status)), *places]))


class Client:
    """One session with a Cairn. Close it, or use it as a context."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        patience: float = PATIENCE,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=60)
        self._patience, self._pause, self._clock = patience, pause, clock
        self._unseen: dict[str, list[str]] = {}
        self._met = False

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **params: Any) -> Any:
        """The body of an answer. Raises ApiFailure, as all here do."""
        return self._ask("GET", path, params={name: value for name, value in params.items() if value is not None})

    def items(self, path: str, **params: Any) -> Iterator[dict[str, Any]]:
        """Everything in a list, over all its pages."""
        cursor = None
        while True:
            page = self.get(path, limit=200, cursor=cursor, **params)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def post(self, path: str, body: Any = None, *, tag: str = "*") -> Any:
        """Write; repeating it after a lost answer does nothing twice. With an ETag only to what still has it."""
        return self._write("POST", path, json=body, headers={} if tag == "*" else {"If-Match": tag})

    def patch(self, path: str, body: Any, *, tag: str) -> Any:
        """Change what still has this ETag; `*` for any."""
        return self._write("PATCH", path, json=body, headers={"If-Match": tag})

    def delete(self, path: str, *, tag: str) -> None:
        """Remove what still has this ETag; `*` for any."""
        self._write("DELETE", path, headers={"If-Match": tag})

    def put(self, path: str, body: Any) -> Any:
        """Write in place of what is there."""
        return self._write("PUT", path, json=body)

    def send_file(self, path: str, content: bytes, *, key: str | None = None, **params: str) -> Any:
        """Send a file as it is; what is sent again under the same key counts once, and is answered as before."""
        headers = {"Content-Type": "application/octet-stream", **({"Idempotency-Key": key} if key else {})}
        return self._write("POST", path, content=content, params=params, headers=headers, timeout=FILE_SECONDS)

    def download(self, path: str) -> bytes:
        """A file, as it is answered."""
        answer = self._patiently("GET", f"{self.url}/api/v1/{path}")
        if answer.is_error:
            _body(answer)
        return answer.content

    def follow(self, path: str, over: Callable[[Any], bool], seen: Callable[[Any], None] = lambda _: None) -> Any:
        """Look at something again and again until it is over, less and less often; `seen` hears of every look."""
        wait = SHORTEST_LOOK
        while not over(found := self.get(path)):
            seen(found)
            self._pause(wait)
            wait = min(wait * 1.5, LONGEST_LOOK)
        return found

    def settle(self, *paths: str) -> None:
        """Return once the services that answer these paths know everything this session has written."""
        for path in paths or FOLLOWERS:
            self._ask("GET", path)
        self._unseen.clear()

    def _write(self, method: str, path: str, **request: Any) -> Any:
        own = {"Idempotency-Key": str(uuid.uuid4()), **request.pop("headers", {})}
        answer = self._ask(method, path, headers=own, **request)
        if sum(map(len, self._unseen.values())) >= MOST_IDS:
            self.settle()
        return answer

    def _ask(self, method: str, path: str, **request: Any) -> Any:
        carried = ";".join(f"{name}:{','.join(chunk)}" for name, ids in self._unseen.items() for chunk in _chunks(ids))
        headers = {**request.pop("headers", {}), **({"Cairn-Consistency": carried} if carried else {})}
        answer = self._patiently(method, f"{self.url}/api/v1/{path}", headers=headers, **request)
        self._remember(answer.headers.get("Cairn-Consistency"))
        return _body(answer)

    def _patiently(self, method: str, address: str, **request: Any) -> httpx.Response:
        began, repeated = self._clock(), False
        while True:
            answer, wait, trouble = self._once(method, address, **request)
            if answer is not None and not _try_again(answer, repeated):
                return answer
            repeated = True
            patience = self._patience if answer is not None else RESTARTING if self._met else NOBODY_THERE
            if self._clock() + wait > began + patience:
                raise Unreachable(f"{self.url} {trouble}. Is Cairn running there (`cairn up`)? Try again later.")
            self._pause(wait)

    def _once(self, method: str, address: str, **request: Any) -> tuple[httpx.Response | None, float, str]:
        """One attempt: the answer, how long to wait before another, and what stood in the way."""
        try:
            answer = self._http.request(method, address, **request)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as fault:
            raise NotCairn(
                f"{self.url} cannot be called: {fault}. Give --url such as http://127.0.0.1:8080."
            ) from fault
        except httpx.TransportError as fault:
            return None, 1.0, f"does not answer ({fault})"
        self._met = True
        return answer, _wait(answer), f"is too busy: {_detail(answer)}"

    def _remember(self, token: str | None) -> None:
        for part in (token or "").split(";"):
            service, _, ids = part.strip().partition(":")
            if ids:
                self._unseen.setdefault(service, []).extend(ids.split(","))


def fitting(bodies: Sequence[Any], most: int) -> Iterator[int]:
    """How many of these to send at once, time after time: at most `most`, and no more than one request may hold."""
    count = size = 0
    for body in bodies:
        own = len(json.dumps(body))
        if count and (count == most or size + own > LARGEST_BODY):
            yield count
            count = size = 0
        count, size = count + 1, size + own
    if count:
        yield count


def _try_again(answer: httpx.Response, repeated: bool) -> bool:
    if repeated and answer.status_code == 409:
        # The first attempt, whose answer was lost, may still be at work; any other conflict has a kind of its own.
        return str((_problem(answer) or {}).get("type", "")).endswith(":conflict")
    return answer.status_code in AGAIN


def _chunks(ids: list[str], size: int = 64) -> Iterator[list[str]]:
    """A consistency token names at most 64 events."""
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _wait(answer: httpx.Response) -> float:
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), LONGEST_WAIT) if asked.isascii() and asked.isdigit() else 1.0


def _detail(answer: httpx.Response) -> str:
    problem = _problem(answer)
    return str(problem["detail"]).rstrip(".") if problem and "detail" in problem else f"status {answer.status_code}"


def _problem(answer: httpx.Response) -> dict[str, Any] | None:
    try:
        found = answer.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _body(answer: httpx.Response) -> Any:
    if answer.status_code == 204:
        return None
    body = _problem(answer)
    if body is None or (answer.is_error and "detail" not in body) or answer.is_redirect:
        raise NotCairn(f"{answer.url} does not answer like a Cairn (status {answer.status_code}). Check --url.")
    if answer.status_code == 401:
        raise TokenRefused(f"The token is not accepted: {body['detail']} Issue one with `cairn token`.")
    if answer.is_error:
        raise ApiRefused(answer.status_code, body)
    return body
