"""Seedbed: an AI cloud that you run yourself. Start reading at `seedbed.app.server`."""

__version__ = "0.1.0"
