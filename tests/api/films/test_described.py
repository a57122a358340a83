"""Every door of films is asked in the plainest way, and answers in the described shape."""

import anyio
import pytest

from tests.api.films.filming import STEPS, Set
from tests.api.test_described import hold

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]


async def test_films_are_as_described(scene: Set) -> None:
    ids: dict[str, str] = {}
    async with scene.http() as http:
        for ask, how in STEPS:
            method, path, *name = ask.split()
            path = path.format(**ids)
            if path.endswith("/content"):
                await _made(scene, ids["film"])
            answer = await http.request(method, path, **how)
            hold(f"{method} {ask.split()[1]}", answer)
            if name:
                ids[name[0]] = answer.json()["id"]


async def _made(scene: Set, id_: str) -> None:
    async with scene.working(), scene.http() as http:
        with anyio.fail_after(60):
            while (await http.get(f"/v1/videos/{id_}")).json()["status"] != "completed":
                await anyio.sleep(0.01)
