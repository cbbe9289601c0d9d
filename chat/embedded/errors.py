"""The error of a start."""


class CannotStart(Exception):
    """Its text is one line for the person who ran the command: what is wrong and what to do."""
