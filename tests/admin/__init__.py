"""Tests of the administration interface, its API keys and its pages."""
