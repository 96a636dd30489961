"""What can go wrong and how it is told: every expected failure is a Problem (RFC 9457) with a remedy in its words.

Problem
├── Invalid (422)               a field is wrong; `faults` name each place by JSON pointer
├── Malformed (400)             the request cannot be read at all
├── Unauthenticated (401)       no proof, or no valid proof, of who is calling
├── Denied (403)                known, but not allowed
├── NotFound (404)
├── Conflict (409)              the state of things forbids it
├── Stale (412)                 If-Match names an older version
├── PreconditionMissing (428)   a change without If-Match
├── TooManyRequests (429)
└── Unavailable (503)           try again later; carries Retry-After
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong place in the input: `pointer` is a JSON pointer (RFC 6901), `detail` says what to do instead."""

    pointer: str
    detail: str


class Problem(Exception):
    """Raised anywhere below HTTP; the chassis turns it into `application/problem+json`."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR

    def __init__(
        self,
        detail: str,
        *,
        kind: str | None = None,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.kind = kind or type(self).__name__.lower()
        self.faults = tuple(faults)
        self.headers = dict(headers or {})

    def as_dict(self) -> dict[str, object]:
        """The members of the problem document; `type` is a stable URN."""
        body: dict[str, object] = {
            "type": f"urn:cairn:problem:{self.kind}",
            "title": self.status.phrase,
            "status": int(self.status),
            "detail": self.detail,
        }
        if self.faults:
            body["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in self.faults]
        return body


class Invalid(Problem):
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    @classmethod
    def at(cls, pointer: str, detail: str) -> "Invalid":
        """One fault, said both as the place and as the sentence."""
        return cls(detail, faults=[Fault(pointer, detail)])

    @classmethod
    def of(cls, faults: Sequence[Fault]) -> "Invalid":
        """Several faults; the sentence counts them."""
        found = "1 field is wrong" if len(faults) == 1 else f"{len(faults)} fields are wrong"
        return cls(f"{found}; `errors` says where and how to mend it.", faults=faults)


class Malformed(Problem):
    status = HTTPStatus.BAD_REQUEST


class Unauthenticated(Problem):
    status = HTTPStatus.UNAUTHORIZED


class Denied(Problem):
    status = HTTPStatus.FORBIDDEN


class NotFound(Problem):
    status = HTTPStatus.NOT_FOUND


class Conflict(Problem):
    status = HTTPStatus.CONFLICT


class Stale(Problem):
    status = HTTPStatus.PRECONDITION_FAILED


class PreconditionMissing(Problem):
    status = HTTPStatus.PRECONDITION_REQUIRED


class TooManyRequests(Problem):
    status = HTTPStatus.TOO_MANY_REQUESTS


class Unavailable(Problem):
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, detail: str, *, retry_after: int = 1, kind: str | None = None) -> None:
        super().__init__(detail, kind=kind, headers={"Retry-After": str(retry_after)})
