"""Floor 1. Films, stills and sounds as files: written, read, joined, mixed.

Frames are arrays of (height, width, 3) bytes in red, green and blue, and come and go one by one: a
film is never held. Only processes that are there for it import what lies here.
"""
