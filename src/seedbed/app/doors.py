"""The doors: every path where a vendor's words, or our own, are understood.

Floor 7. Of doors that share a path, the first in the list that wants a request has it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.routing import Route

from seedbed.api import artifacts as artifact_routes
from seedbed.api import callbacks as callback_routes
from seedbed.api import consents as consent_routes
from seedbed.api import deployments as deployment_routes
from seedbed.api import jobs as job_routes
from seedbed.api import mcp as mcp_door
from seedbed.api import metrics as metrics_routes
from seedbed.api import regions as region_routes
from seedbed.api import schema, unserved
from seedbed.api.anthropic import batches as anthropic_batches
from seedbed.api.anthropic import files as anthropic_files
from seedbed.api.anthropic import routes as anthropic_routes
from seedbed.api.anthropic.manner import Anthropic, wants
from seedbed.api.anthropic.seal import Sealer
from seedbed.api.ark import files as ark_files
from seedbed.api.ark import images as ark_images
from seedbed.api.ark import responses as ark_responses
from seedbed.api.ark import routes as ark_routes
from seedbed.api.ark import tasks as ark_tasks
from seedbed.api.ark.contexts import Contexts
from seedbed.api.ark.manner import MANNERS as ARK_MANNERS
from seedbed.api.artifacts import Shelf
from seedbed.api.files.batches import Batches
from seedbed.api.files.files import Files
from seedbed.api.films import call as film_call
from seedbed.api.films import check as film_check
from seedbed.api.films.films import Films
from seedbed.api.guard import Guard
from seedbed.api.hot import Calls
from seedbed.api.images.delivery import Gallery
from seedbed.api.jobs import Desk
from seedbed.api.manner import Manners
from seedbed.api.mcp import McpDoor
from seedbed.api.openai import batches as openai_batches
from seedbed.api.openai import conversations, images, moderations, stored
from seedbed.api.openai import files as openai_files
from seedbed.api.openai import routes as openai_routes
from seedbed.api.openai import uploads as openai_uploads
from seedbed.api.openai import videos as openai_videos
from seedbed.api.openai.audio import routes as audio
from seedbed.api.openai.manner import OpenAi
from seedbed.api.openai.responses import routes as responses
from seedbed.api.openai.responses.background import Background
from seedbed.api.openai.responses.state import Past
from seedbed.api.openai.usual import Usual
from seedbed.api.openai.vector_stores import routes as vector_stores
from seedbed.api.openai.vector_stores.library import Library
from seedbed.kit.clock import Clock
from seedbed.knowledge.reader import reader_of
from seedbed.knowledge.search import Searching
from seedbed.media.finding import Finding
from seedbed.serving.gateway import Gateway
from seedbed.serving.metrics import Metrics
from seedbed.store.consents import Consents
from seedbed.tools.remote import Bounds

MANNERS = Manners(OpenAi(), [mcp_door.MANNER, (wants, Anthropic()), *ARK_MANNERS])


@dataclass(frozen=True, slots=True)
class Parts:
    """What the doors open on. An answer takes `longest_answer` seconds at most; servers of tools
    that callers name are held to the `bounds`. New stores are searched by the `search_model`,
    what is said is moderated by the model `judge`, and the `default_model` is asked where a request
    names none.
    """

    gateway: Gateway
    guard: Guard
    clock: Clock
    shelf: Shelf
    desk: Desk
    files: Files
    metrics: Metrics
    mcp: McpDoor
    sealer: Sealer
    bounds: Bounds
    longest_answer: float
    searching: Searching
    search_model: str
    judge: str
    default_model: str
    consents: Consents
    callback_secret: Callable[[], Awaitable[bytes]]
    finding: Finding
    films: Films


@dataclass(frozen=True, slots=True)
class Doors:
    """Model calls by method and path, and the routes of the site."""

    calls: Calls
    routes: list[Route]


def doors_of(parts: Parts) -> Doors:
    """Every door of the house."""
    gateway, guard, clock, files = parts.gateway, parts.guard, parts.clock, parts.files
    shelf, jobs, since = parts.shelf, parts.desk.jobs, int(parts.clock.wall())
    objects = files.objects
    gallery = Gallery(shelf.artifacts, shelf.links, clock)
    batches = Batches(files, jobs)
    films = parts.films
    past = Past(objects, Background(objects, jobs, parts.desk.following), clock=clock)
    archive = responses.Archive(past, guard)
    library = Library(
        batches, parts.searching, lambda: reader_of(gateway.named, parts.search_model)
    )
    kept = stored.Stored(objects, guard, clock)
    usual = Usual(gateway.named, parts.default_model)
    hall = ark_routes.Hall(gateway, guard, since)
    calls: Calls = {
        **openai_routes.calls(kept),
        **images.calls(gallery, usual),
        **audio.CALLS,
        **film_call.CALLS,
        **film_check.CALLS,
        **moderations.calls(parts.judge),
        **responses.calls(archive, usual, parts.bounds, parts.searching),
        **anthropic_routes.calls(parts.sealer, parts.bounds),
        **ark_routes.calls(Contexts(objects, clock, parts.longest_answer)),
        **ark_images.calls(gallery),
        **ark_responses.calls(past, parts.bounds),
    }
    routes = [
        *anthropic_routes.routes(gateway, guard),
        *anthropic_files.routes(files),
        *anthropic_batches.routes(batches),
        *ark_routes.routes(hall),
        *ark_files.routes(files),
        *ark_tasks.routes(films),
        *ark_responses.routes(archive),
        *openai_routes.routes(gateway, guard, since=since),
        *stored.routes(kept),
        *openai_files.routes(files),
        *openai_uploads.routes(files),
        *openai_batches.routes(batches),
        *openai_videos.routes(films, usual),
        *vector_stores.routes(library),
        *responses.routes(archive),
        *conversations.routes(archive),
        *images.routes(),
        *deployment_routes.routes(gateway, guard),
        *artifact_routes.routes(shelf),
        *job_routes.routes(parts.desk),
        *callback_routes.routes(parts.desk, parts.callback_secret),
        *consent_routes.routes(consent_routes.Bureau(parts.consents, files, parts.desk)),
        *region_routes.routes(parts.finding, guard),
        *metrics_routes.routes(parts.metrics, guard),
        *parts.mcp.routes(),
        schema.route(),
        *unserved.routes(),
    ]
    return Doors(calls, routes)
