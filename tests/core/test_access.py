from seedbed.core.access import Principal, Scope, payer, private
from seedbed.kit import ids


def _holder(*scopes: Scope) -> Principal:
    return Principal("ada", "engines", "key_1", frozenset(scopes))


def test_a_key_may_do_what_its_scope_says_and_nothing_else() -> None:
    holder = _holder(Scope.MODELS)
    assert holder.may(Scope.MODELS)
    assert not holder.may(Scope.ADMIN)


def test_an_admin_may_do_everything() -> None:
    holder = _holder(Scope.ADMIN)
    assert all(holder.may(scope) for scope in Scope)


def test_a_key_without_scopes_may_do_nothing() -> None:
    assert not any(_holder().may(scope) for scope in Scope)


def test_a_private_project_is_paid_for_by_that_which_it_is_within() -> None:
    mine, other = (private("web/site", ids.fresh("private")) for _ in range(2))
    assert mine != other
    assert payer(mine) == payer(other) == "web/site"


def test_a_project_that_only_looks_like_a_private_one_pays_for_itself() -> None:
    for project in (
        "web",
        "web/site",
        "web/private_",
        f"{private('web', 'private_1')}",
        "private_1",
    ):
        assert payer(project) == project
