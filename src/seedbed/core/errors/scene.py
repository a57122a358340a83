"""A Scene must be changed: it cannot be read, or cannot be drawn as it is.

Floor 1.
"""

from seedbed.core.errors.refused import RequestRefused


class SceneMalformed(RequestRefused):
    """A Scene cannot be read."""

    code = "scene_malformed"

    def __init__(self, at: str, *, why: str) -> None:
        super().__init__(
            f"The Scene is wrong at {at or 'its top'}: {why}",
            hint="`seedbed scene schema` prints what a Scene may have.",
            field=f"scene.{at}" if at else "scene",
            at=at,
            why=why,
        )


class SceneUndrawable(RequestRefused):
    """A Scene asks for what cannot be drawn; the fault is at one place of it."""

    code = "scene_undrawable"

    def __init__(self, at: str, *, why: str, hint: str) -> None:
        super().__init__(
            f"The Scene cannot be drawn as it is at {at}: {why}.",
            hint=hint,
            field=f"scene.{at}",
            at=at,
            why=why,
        )


class ConsentMissing(RequestRefused):
    """Somebody's face or voice is used without a consent that holds."""

    code = "consent_missing"

    def __init__(self, reference: str, *, role: str, why: str) -> None:
        super().__init__(
            f"The {role} {reference!r} cannot be used: {why}.",
            hint="Record whose it is, what it may be used for and until when: "
            "`seedbed consents add`; then name the consent with the reference.",
            field="references",
            reference=reference,
            role=role,
        )


class ContentRefused(RequestRefused):
    """What is asked for is not made here, or what came of it is kept back.

    `side` is `input` or `output`, and `of` what was judged: `text`, `image`, `video` or `audio`.
    """

    code = "content_refused"

    def __init__(self, why: str, *, side: str = "input", of: str = "text") -> None:
        what = (
            "What is asked for is not made here"
            if side == "input"
            else "What was made is kept back"
        )
        super().__init__(
            f"{what}: {why}.",
            hint="Ask for something else; who runs this house decides what is made in it.",
            side=side,
            of=of,
        )
        self.side, self.of = side, of
