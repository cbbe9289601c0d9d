"""Tests of uploads, downloads, previews and stores."""
