"""The closed list of problems: what a client is answered after an error, as RFC 9457 application/problem+json."""

from collections.abc import Sequence

from chat.domain.shapes.answers import FieldError, ProblemDocument


class Problem(Exception):
    """Says what was wrong and with which field, and nothing about the internals."""

    status = 500
    kind = "internal"
    title = "The service failed"

    def __init__(self, detail: str = "", errors: Sequence[FieldError] = (), headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail or self.title
        self.errors = list(errors)
        self.headers = headers or {}

    def document(self) -> ProblemDocument:
        return ProblemDocument(f"/api/v1/docs#problem-{self.kind}", self.title, self.status, self.detail, self.errors)


class BadInput(Problem):
    status, kind, title = 400, "bad-input", "The request contains an invalid value"

    @classmethod
    def of(cls, field: str, detail: str) -> "BadInput":
        return cls(f"{field} {detail}", [FieldError(field, detail)])


class NotSignedIn(Problem):
    status, kind, title = 401, "not-signed-in", "This needs a signed-in user"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="chat"'})


class SessionOver(NotSignedIn):
    """The token was valid before."""


class WrongKey(Problem):
    status, kind, title = 401, "wrong-key", "This needs an API key"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'X-API-Key realm="chat"'})


class WrongScope(Problem):
    status, kind, title = 403, "wrong-scope", "The API key does not have this scope"


class Banned(Problem):
    status, kind, title = 403, "banned", "The operator has banned this user"


class WrongPassword(Problem):
    status, kind, title = 403, "wrong-password", "The password is not the present one"


class ForeignPage(Problem):
    status, kind, title = 403, "foreign-page", "A page of another site cannot use the cookie"


class NotFound(Problem):
    status, kind, title = 404, "not-found", "This does not exist, or you may not see it"


class NotJoined(Problem):
    status, kind, title = 403, "not-joined", "Only members read and post here: join the room first"


class NotOwner(Problem):
    status, kind, title = 403, "not-owner", "Only the room's owner may do this"


class NotYours(Problem):
    status, kind, title = 403, "not-yours", "This is another user's message"


class WrongMethod(Problem):
    status, kind, title = 405, "wrong-method", "This address does not support that method"


class Taken(Problem):
    status, kind, title = 409, "taken", "The name is taken"

    @classmethod
    def of(cls, name: str) -> "Taken":
        return cls(f"{name!r} is taken", [FieldError("name", "is taken")])


class Full(Problem):
    status, kind, title = 409, "full", "The room is full"


class Overfull(Problem):
    status, kind, title = 409, "overfull", "The message has too many reactions"


class Gone(Problem):
    status, kind, title = 410, "gone", "The room has ended"


class TooLarge(Problem):
    status, kind, title = 413, "too-large", "The body is too large"


class UriTooLong(Problem):
    status, kind, title = 414, "uri-too-long", "The request line is too long"


class WrongType(Problem):
    status, kind, title = 415, "wrong-type", "This address does not take a body of this type"


class WrongRange(Problem):
    status, kind, title = 416, "wrong-range", "The file has no such part"


class KeyReused(Problem):
    status, kind, title = 422, "key-reused", "The Idempotency-Key was used for another request"


class TooMany(Problem):
    status, kind, title = 429, "too-many", "Too many failed attempts"

    def __init__(self, seconds: float) -> None:
        super().__init__(f"try again in {seconds:.0f} s", headers={"Retry-After": f"{seconds:.0f}"})


class HeadersTooLarge(Problem):
    status, kind, title = 431, "headers-too-large", "The header fields are too large"


class Unavailable(Problem):
    status, kind, title = 503, "unavailable", "The service cannot do this right now"

    def __init__(self, detail: str = "", seconds: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(seconds)})


class NoRoom(Problem):
    """RFC 4918, 11.5, as RFC 4331 uses it for quotas."""

    status, kind, title = 507, "no-room", "There is not enough space for a file of this size"


CLOSED_LIST: tuple[type[Problem], ...] = (
    BadInput,
    NotSignedIn,
    WrongKey,
    WrongScope,
    Banned,
    WrongPassword,
    ForeignPage,
    NotFound,
    NotJoined,
    NotOwner,
    NotYours,
    WrongMethod,
    Taken,
    Full,
    Overfull,
    Gone,
    TooLarge,
    UriTooLong,
    WrongType,
    WrongRange,
    KeyReused,
    TooMany,
    HeadersTooLarge,
    Unavailable,
    NoRoom,
    Problem,
)
