"""The product as it is, with small bounds."""

from tests.torture.bounds import make_late, make_small

make_small()
make_late()

from wsgi import app  # noqa: E402, F401 - made with the bounds that are set by now
