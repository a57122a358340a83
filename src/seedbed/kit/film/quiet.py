"""What keeps the libraries of films from writing to a process's standard error.

Floor 1. Imports none of them: whoever starts such a process hands it this environment.
"""

QUIET = {"SVT_LOG": "1"}
"""Has the library of AV1 tell its errors alone."""
