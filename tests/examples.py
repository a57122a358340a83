"""How many examples a property is tried on, where the usual hundred are not right."""

from hypothesis import settings


def examples(many: int) -> settings:
    """So many; a tenth of them in `make test-fast`, but no fewer than it has anywhere."""
    if settings.get_current_profile_name() == "fast":
        many = min(many, max(settings.get_profile("fast").max_examples, many // 10))
    return settings(max_examples=many)
