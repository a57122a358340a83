"""Floor 1. A small client for HTTP/1.1: one origin, kept connections, bounds on everything.

It asks, and hands over what comes as it comes. It follows nobody to another address, unpacks
nothing, and remembers nothing between requests but its connections.
"""
