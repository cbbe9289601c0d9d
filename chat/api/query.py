"""The query parameters that several calls share, checked. Each raises BadInput and names the parameter."""

from collections.abc import Sequence
from functools import partial

from flask import request, url_for

from chat.api.operation import Parameter, checked
from chat.domain import validation
from chat.domain.shapes import Room, User, UserRef
from chat.errors import BadInput
from chat.services.events import Window

PAGE = 50
MOST = 500
ID_SCHEMA = {"type": "integer", "minimum": 0, "maximum": validation.LARGEST_ID}


def limit_of(page: int, most: int) -> Parameter:
    """As OpenAPI has `limit(page, most)`."""
    return Parameter("limit", "query", f"how many, {page} unless told, at most {most}", {"type": "integer", "minimum": 1, "maximum": most})


LIMIT = limit_of(PAGE, MOST)
AFTER = Parameter("after", "query", "only what has an id above this one", ID_SCHEMA)
BEFORE = Parameter("before", "query", "only what has an id below this one", ID_SCHEMA)
AROUND = Parameter("around", "query", "those on both sides of this id, with its own message if there is one; instead of the two", ID_SCHEMA)
NAME_SCHEMA = {"type": "string", "maxLength": validation.ROOM_NAME_LENGTH}
NAME = Parameter("name", "query", "only those whose name contains this, in any case", NAME_SCHEMA)


def limit(page: int = PAGE, most: int = MOST) -> int:
    value = request.args.get("limit")
    return page if value is None else checked("limit", partial(validation.whole_number, low=1, high=most), value)


def after() -> int | None:
    return _id("after")


def before() -> int | None:
    return _id("before")


def around() -> int | None:
    return _id("around")


def name() -> str:
    return checked("name", validation.sought_name, request.args.get("name", ""))


def window() -> Window:
    """Which page of messages: the newest, or either way from an id."""
    below, above = before(), after()
    if below is not None and above is not None:
        raise BadInput.of("before", "does not go with after")
    return Window(limit(), before=below, after=above)


def window_in_room() -> Window:
    """The same, or the messages around an id."""
    middle = around()
    if middle is None:
        return window()
    if before() is not None or after() is not None:
        raise BadInput.of("around", "does not go with before or after")
    return Window(limit(), around=middle)


def next_page(found: Sequence[User | UserRef | Room], most: int) -> dict[str, str]:
    """The Link header of a list, where more was found than was asked for."""
    return link(after=found[most - 1].id) if len(found) > most else {}


def link(**bound: int) -> dict[str, str]:
    """The Link header that names the same list from another bound on."""
    assert request.endpoint is not None
    arguments = request.args.to_dict() | (request.view_args or {}) | bound
    return {"Link": f'<{url_for(request.endpoint, _external=True, **arguments)}>; rel="next"'}


def _id(parameter: str) -> int | None:
    value = request.args.get(parameter)
    return None if value is None else checked(parameter, validation.cursor, value)
