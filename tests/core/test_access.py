from seedbed.core.access import Principal, Scope


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
