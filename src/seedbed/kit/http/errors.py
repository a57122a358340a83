"""What can go wrong in asking over HTTP. Nothing else is raised once a client has been made.

Floor 1. The sentences hold hosts, ports and reasons, and never a header, a path or a body.
"""


class HttpFault(Exception):
    """The exchange did not come to its end; the sentence says why."""


class Unreachable(HttpFault):
    """There is no connection: nobody listens, nobody is trusted, or a proxy refuses. No word of the
    request was sent.
    """


class HungUp(HttpFault):
    """The connection closed before the whole response was there."""


class Silent(HttpFault):
    """Nothing came, and nothing could be sent, for as long as was to be waited."""


class Unreadable(HttpFault):
    """What came is no response of HTTP/1.1, or is beyond a bound."""
