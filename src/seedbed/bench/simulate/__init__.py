"""A fleet that is only described, and how it would have served a trace of requests.

Floor 5.
"""
