"""Doors that no vendor has, described for programs; jobs, artifacts and deployments have their own.

Floor 6. Not described are `/mcp`, which tells by its own protocol what there is, `/metrics`, whose
words are Prometheus's, and the description itself.
"""

from seedbed.api.callbacks import PATH as SECRET
from seedbed.api.door import Door, Vendor
from seedbed.api.films.call import FilmBody
from seedbed.api.films.check import LookBody
from seedbed.api.regions import PATH as REGIONS
from seedbed.api.regions import TOLD, RegionsBody
from seedbed.api.shape import COUNT, FLAG, TEXT, object_of
from seedbed.jobs.film import LOOK
from seedbed.jobs.film import PATH as FILMS

_USED = object_of({"input_tokens": COUNT, "output_tokens": COUNT, "film_tokens": COUNT})
_FILM = object_of({"hash": TEXT, "media": TEXT, "width": COUNT, "height": COUNT, "sound": FLAG})
_DOORS = (
    Door(f"POST {FILMS}", "A film is made.", "FilmTold", FilmBody, streams=True),
    Door(f"POST {LOOK}", "Whether a Scene can be drawn whole.", "SceneLooked", LookBody),
    Door(f"POST {REGIONS}", "Marked areas.", "Regions", RegionsBody, is_file=True),
    Door(f"GET {SECRET}", "What callbacks are signed with.", "CallbackSecret"),
)
VENDOR = Vendor(
    "",
    _DOORS,
    {
        "FilmTold": object_of({"film": _FILM, "usage": _USED}),
        "Regions": TOLD,
        "SceneLooked": object_of({"drawable": FLAG}),
        "CallbackSecret": object_of({"secret": TEXT}),
    },
)
