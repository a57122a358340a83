"""Floor 1. Pictures, films and documents of strangers: fetched, told apart, and made plain.

What takes them apart runs in a process of its own, in bounds that it cannot leave, which is the
only one that imports the libraries for it.
"""
