"""What is asked in the benchmark of serving."""

from collections import Counter

from seedbed.bench.serving.chats import Chat, alone, mixed, question, sharing


def test_no_two_chats_begin_alike_unless_they_share_a_prefix() -> None:
    chats = [*alone("round 1", 16), *alone("round 2", 16)]
    assert len({chat.messages[0][1][:20] for chat in chats}) == 32


def test_the_same_mark_gives_the_same_text() -> None:
    assert alone("round 1", 4) == alone("round 1", 4)
    assert question("a", 128) != question("b", 128)


def test_who_shares_a_prefix_has_the_same_system_text_and_a_question_of_their_own() -> None:
    cold = sharing("round 1", "first", 16, shared=1500)
    warm = sharing("round 1", "second", 16, shared=1500)
    assert len({chat.messages[0] for chat in (*cold, *warm)}) == 1
    assert len({chat.messages[1] for chat in (*cold, *warm)}) == 32
    assert len(cold[0].messages[0][1].split()) > 1100


def test_a_chat_goes_on_behind_its_answer() -> None:
    chat = Chat((("user", "one"),), 8).then("two", "three")
    assert chat.messages == (("user", "one"), ("assistant", "two"), ("user", "three"))
    assert chat.output == 8


def test_a_mixed_trace_has_its_shares_and_an_order_of_its_own() -> None:
    talks = list(mixed("round 1", 60, shared=1500))
    kinds = Counter(
        "json" if chat.schema else "loop" if rest else chat.messages[0][0] for chat, rest in talks
    )
    assert kinds == {"system": 24, "user": 18, "json": 6, "loop": 3}
    assert sum(1 + len(rest) for _, rest in talks) == 60
    prefixes = Counter(chat.messages[0] for chat, _ in talks if chat.messages[0][0] == "system")
    assert sorted(prefixes.values()) == [12, 12]
    assert talks == list(mixed("round 1", 60, shared=1500)) != list(mixed("2", 60, shared=1500))
    assert not any(chat.wanted for chat, _ in talks), "answers may end by themselves"
