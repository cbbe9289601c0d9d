"""The caller's profile and password."""

from flask import Blueprint, Response
from msgspec import UNSET

from chat.api import auth
from chat.api.accounts import find_user
from chat.api.auth import service
from chat.api.operation import Operation, answer, checked
from chat.domain import validation
from chat.domain.shapes.answers import User
from chat.domain.shapes.requests import PasswordChange, ProfilePatch
from chat.problems import BadInput, TooMany, WrongPassword

blueprint = Blueprint("profile", __name__)


@Operation(blueprint, "Change the caller's profile", "PATCH", "/user/me", {200: User}, ProfilePatch, problems=(BadInput,))
def change_profile(body: ProfilePatch) -> Response:
    user_id = auth.caller().user_id
    if body.about is not UNSET:
        service().accounts.set_about(user_id, checked("about", validation.about, body.about))
    return answer(find_user(str(user_id)))


@Operation(
    blueprint,
    "Change the caller's password. All other sessions of the caller end, with their open streams",
    "PUT",
    "/password",
    {204: None},
    PasswordChange,
    problems=(BadInput, WrongPassword, TooMany),
)
def change_password(body: PasswordChange) -> None:
    new_password = checked("new_password", validation.password, body.new_password)
    service().accounts.change_password(auth.caller(), body.password, new_password, auth.client())
