"""The product without the safeguard that FAULTS_CONTROL names."""

import os

from faults.sabotage import SABOTAGES
from wsgi import app

SABOTAGES[os.environ["FAULTS_CONTROL"]](app)
