"""What ties the application to gunicorn: the worker class, its hooks, and the taking over of sockets."""
