"""The query parameters that several calls share. Each function raises BadInput, which names the parameter."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

from flask import request, url_for

from chat.api.operation import ID_SCHEMA, Parameter, checked
from chat.domain import validation
from chat.domain.shapes.answers import Room, User
from chat.domain.shapes.refs import UserRef
from chat.problems import BadInput
from chat.services.history import Window

PAGE = 50
MOST = 500


def limit_of(page: int, most: int) -> Parameter:
    """The description of `limit(page, most)` for OpenAPI."""
    return Parameter("limit", "query", f"how many, {page} by default, at most {most}", {"type": "integer", "minimum": 1, "maximum": most})


LIMIT = limit_of(PAGE, MOST)
AFTER = Parameter("after", "query", "only items with an id above this one", ID_SCHEMA)
BEFORE = Parameter("before", "query", "only items with an id below this one", ID_SCHEMA)
AROUND = Parameter("around", "query", "messages on both sides of this id, and its own; not with before or after", ID_SCHEMA)
NAME_SCHEMA = {"type": "string", "maxLength": validation.ROOM_NAME_LENGTH}
NAME = Parameter("name", "query", "only names that contain this, ignoring case", NAME_SCHEMA)


def limit(page: int = PAGE, most: int = MOST) -> int:
    value = request.args.get("limit")
    return page if value is None else checked("limit", partial(validation.whole_number, low=1, high=most), value)


def bound(parameter: Literal["before", "after", "around"]) -> int | None:
    value = request.args.get(parameter)
    return None if value is None else checked(parameter, validation.cursor, value)


def name() -> str:
    return checked("name", validation.search_name, request.args.get("name", ""))


def window() -> Window:
    """The requested page of messages: the newest ones, or those before or after an id."""
    below, above = bound("before"), bound("after")
    if below is not None and above is not None:
        raise BadInput.of("before", "does not go with after")
    return Window(limit(), before=below, after=above)


def window_in_room() -> Window:
    """As `window`, or the messages around an id."""
    middle = bound("around")
    if middle is None:
        return window()
    if bound("before") is not None or bound("after") is not None:
        raise BadInput.of("around", "does not go with before or after")
    return Window(limit(), around=middle)


def next_page(items: Sequence[User | UserRef | Room], most: int) -> dict[str, str]:
    """The Link header of a list, if there are more items than the requested `most`."""
    return link(after=items[most - 1].id) if len(items) > most else {}


def link(**bounds: int) -> dict[str, str]:
    """The Link header to the same list with another bound."""
    assert request.endpoint is not None
    arguments = request.args.to_dict() | (request.view_args or {}) | bounds
    return {"Link": f'<{url_for(request.endpoint, _external=True, **arguments)}>; rel="next"'}
