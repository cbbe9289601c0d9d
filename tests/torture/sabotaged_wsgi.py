"""The product with small bounds and without one of its safeguards, named by SABOTAGE: the controls must see it fail."""

import os

from tests.torture.bounds import make_late, make_small
from tests.torture.sabotage import take_out

make_small()
make_late()
take_out(os.environ["SABOTAGE"])

from wsgi import app  # noqa: E402, F401 - only what is patched before it is made is sabotaged
