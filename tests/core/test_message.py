from seedbed.core.message import Call, Message, Reasoning, Role, Text


def test_the_words_of_a_message_leave_out_what_was_thought_and_called() -> None:
    parts = (Reasoning("hm"), Text("It is "), Call("c1", "look", "{}"), Text("four."))
    assert Message(Role.ASSISTANT, parts).text == "It is four."


def test_a_message_without_words_has_empty_text() -> None:
    assert not Message(Role.ASSISTANT, (Call("c1", "look", "{}"),)).text
