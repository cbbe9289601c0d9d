"""Who asks with an API key. A right key always gets in; wrong ones are counted by address, and past a bound told to wait."""

from sqlalchemy import Engine

from chat.domain.refusals import TooManyAttempts, UnknownApiKey
from chat.services import api_keys
from chat.services.api_keys import ApiKey
from chat.services.rate_limits import ApiKeyLimit


class ApiKeys:
    """`reads` is in autocommit."""

    def __init__(self, reads: Engine, throttle: ApiKeyLimit, secret_key: str) -> None:
        self._reads = reads
        self._throttle = throttle
        self._secret_key = secret_key

    def admit(self, key: str, address: str) -> ApiKey:
        """Raises UnknownApiKey, TooManyAttempts. Asked of the database each time, so an ended key is refused at once."""
        found = api_keys.find(self._reads, key, self._secret_key)
        if found is not None:
            return found
        wait = self._throttle.wrong(address)
        if wait is not None:
            raise TooManyAttempts(wait)
        raise UnknownApiKey

    def by_id(self, key_id: int) -> ApiKey | None:
        """The living key of a signed cookie; None for one that has ended."""
        return api_keys.by_id(self._reads, key_id)
