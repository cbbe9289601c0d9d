"""Tests of starting, deploying, measuring and breaking the service."""
