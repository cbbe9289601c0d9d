"""The one way in which a start fails."""


class CannotStart(Exception):
    """Its text is one line for the person who ran the command: what is wrong, and what to do about it."""
