"""The application that gunicorn and `flask --app wsgi` load."""

import gc

from gevent import monkey

monkey.patch_all()
gc.disable()  # hundreds of modules are imported below, none is garbage: looking for some takes a quarter of the start

from chat import create_app, loggers, startup

if not loggers.is_configured():  # gunicorn did it already, a command or another server did not
    loggers.configure(startup.settings().log)
app = create_app(startup.settings())

gc.enable()
