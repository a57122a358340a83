"""What llama.cpp's server tells of tokens, in our words."""

from seedbed.core.ask import Ask
from seedbed.core.event import Tokenized
from seedbed.core.message import Message, Role, Text
from seedbed.engines.llama import cutting

CUT = cutting.CUTS.decode(
    b'{"tokens":[{"id":7,"piece":"a"},{"id":8,"piece":[195]},{"id":9,"piece":[182]}]}'
)


def test_bytes_of_one_letter_are_tokens_of_that_letter() -> None:
    told = cutting.tokenized(1, "a\N{LATIN SMALL LETTER O WITH DIAERESIS}", CUT)
    assert told == Tokenized(1, (7, 8, 9), ((0, 1), (1, 2), (1, 2)))
    assert CUT.input_tokens == 3


def test_where_letters_were_made_plain_no_offsets_are_told() -> None:
    assert cutting.tokenized(0, "A", CUT) == Tokenized(0, (7, 8, 9))


def test_words_to_go_on_with_have_their_signs_and_texts_have_none() -> None:
    ask = Ask("m", (Message(Role.USER, (Text("one "), Text("two"))),), raw=True)
    told = {"content": "one two", "with_pieces": True}
    assert cutting.continued(ask) == told | {"add_special": True}
    assert cutting.text("one two") == told | {"add_special": False}
