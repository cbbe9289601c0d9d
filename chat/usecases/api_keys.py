"""Authentication by API key. A right key is always admitted. Wrong keys are counted by address, and past a limit the client must wait."""

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
        """Raises UnknownApiKey, TooManyAttempts. Each call asks the database, so an ended key is refused at once."""
        api_key = api_keys.find(self._reads, key, self._secret_key)
        if api_key is not None:
            return api_key
        wait = self._throttle.wrong(address)
        if wait is not None:
            raise TooManyAttempts(wait)
        raise UnknownApiKey

    def by_id(self, key_id: int) -> ApiKey | None:
        """The key of a signed cookie, or None if the key has ended."""
        return api_keys.by_id(self._reads, key_id)
