"""The closed list of problems: what a client is answered after an error, as RFC 9457 application/problem+json."""

from collections.abc import Sequence

from chat.domain.shapes.answers import FieldError, ProblemDocument


class Problem(Exception):
    """Says what was wrong and with which field, and nothing about the internals."""

    status = 500
    kind = "internal"
    title = "The service failed"
    challenge = ""  # of a 401: the scheme that its WWW-Authenticate names

    def __init_subclass__(cls, *, status: int | None = None, kind: str = "", title: str = "", challenge: str = "") -> None:
        if status is not None:
            cls.status, cls.kind, cls.title, cls.challenge = status, kind, title, challenge

    def __init__(self, detail: str = "", errors: Sequence[FieldError] = (), headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail or self.title
        self.errors = list(errors)
        self.headers = headers or ({"WWW-Authenticate": f'{self.challenge} realm="chat"'} if self.challenge else {})

    def document(self, request_id: str = "") -> ProblemDocument:
        return ProblemDocument(f"/api/v1/docs#problem-{self.kind}", self.title, self.status, self.detail, self.errors, request_id)


class BadInput(Problem, status=400, kind="bad-input", title="The request contains an invalid value"):
    @classmethod
    def of(cls, field: str, detail: str, headers: dict[str, str] | None = None) -> "BadInput":
        return cls(f"{field} {detail}", [FieldError(field, detail)], headers)


class NotSignedIn(Problem, status=401, kind="not-signed-in", title="This needs a signed-in user", challenge="Bearer"): ...


class SessionOver(NotSignedIn):
    """The token was valid before."""


class WrongKey(Problem, status=401, kind="wrong-key", title="This needs an API key", challenge="X-API-Key"): ...


class WrongScope(Problem, status=403, kind="wrong-scope", title="The API key does not have this scope"): ...


class Banned(Problem, status=403, kind="banned", title="The operator has banned this user"): ...


class WrongPassword(Problem, status=403, kind="wrong-password", title="The password is not the present one"): ...


class ForeignPage(Problem, status=403, kind="foreign-page", title="A page of another site cannot use the cookie"): ...


class NotFound(Problem, status=404, kind="not-found", title="This does not exist, or you may not see it"): ...


class NotJoined(Problem, status=403, kind="not-joined", title="Only members read and post here: join the room first"): ...


class NotOwner(Problem, status=403, kind="not-owner", title="Only the room's owner may do this"): ...


class NotYours(Problem, status=403, kind="not-yours", title="This is another user's message"): ...


class WrongMethod(Problem, status=405, kind="wrong-method", title="This address does not support that method"): ...


class Taken(Problem, status=409, kind="taken", title="The name is taken"):
    @classmethod
    def of(cls, name: str) -> "Taken":
        return cls(f"{name!r} is taken", [FieldError("name", "is taken")])


class Full(Problem, status=409, kind="full", title="The room is full"): ...


class Overfull(Problem, status=409, kind="overfull", title="The message has too many reactions"): ...


class Gone(Problem, status=410, kind="gone", title="The room has ended"): ...


class TooLarge(Problem, status=413, kind="too-large", title="The body is too large"): ...


class UriTooLong(Problem, status=414, kind="uri-too-long", title="The request line is too long"): ...


class WrongType(Problem, status=415, kind="wrong-type", title="This address does not take a body of this type"): ...


class WrongRange(Problem, status=416, kind="wrong-range", title="The file has no such part"): ...


class KeyReused(Problem, status=422, kind="key-reused", title="The Idempotency-Key was used for another request"): ...


class TooMany(Problem, status=429, kind="too-many", title="Too many failed attempts"):
    def __init__(self, seconds: float) -> None:
        super().__init__(f"try again in {seconds:.0f} s", headers={"Retry-After": f"{seconds:.0f}"})


class HeadersTooLarge(Problem, status=431, kind="headers-too-large", title="The header fields are too large"): ...


class Unavailable(Problem, status=503, kind="unavailable", title="The service cannot do this right now"):
    def __init__(self, detail: str = "", seconds: int = 2) -> None:
        super().__init__(detail, headers={"Retry-After": str(seconds)})


class NoRoom(Problem, status=507, kind="no-room", title="There is not enough space for a file of this size"):
    """RFC 4918, 11.5, as RFC 4331 uses it for quotas."""


CLOSED_LIST: tuple[type[Problem], ...] = (*Problem.__subclasses__(), Problem)  # SessionOver is a NotSignedIn to all clients but one
