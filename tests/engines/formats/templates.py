"""Chat templates of each family, as small as they can be and as strict as the real ones."""

HERMES = (
    "{% if tools %}<|system|># Tools\n{% for tool in tools %}{{ tool | tojson }}\n{% endfor %}"
    "Calls stand in <tool_call></tool_call>.\n{% endif %}"
    "{% for message in messages %}<|{{ message.role }}|>{{ message.content }}"
    "{% if message.tool_calls %}{% for call in message.tool_calls %}"
    '<tool_call>\n{"name": "{{ call.function.name }}", "arguments": '
    "{{ call.function.arguments | tojson }}}\n</tool_call>{% endfor %}{% endif %}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
LLAMA = (
    '{% if tools %}<|ipython|>Answer with name and "parameters".\n{% endif %}'
    "{% for message in messages %}<|{{ message.role }}|>"
    "{% if message.tool_calls %}{% if message.tool_calls | length != 1 %}"
    "{{ raise_exception('one call in a message') }}{% endif %}"
    "{{ message.tool_calls[0].function.name }}{% else %}{{ message.content }}{% endif %}\n"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_MISTRAL = (
    "{% for message in messages %}{% if message.tool_calls %}"
    "{% for call in message.tool_calls %}{% if call.id | length != 9 %}"
    "{{ raise_exception('nine letters') }}{% endif %}[TOOL_CALLS]MIDDLE{% endfor %}"
    "{% else %}<|{{ message.role }}|>{{ message.content }}\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
MISTRAL_LISTED = _MISTRAL.replace("MIDDLE", "[]")
MISTRAL_NAMED = _MISTRAL.replace("MIDDLE", "[ARGS]")
PLAIN = (
    "{% for message in messages %}{% if message.role == 'tool' or message.tool_calls %}"
    "{{ raise_exception('no tools here') }}{% endif %}"
    "<|{{ message.role }}|>{{ message.content }}\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
THINKING = (
    PLAIN + "{% if enable_thinking is defined and enable_thinking is false %}"
    "<think>\n\n</think>\n\n{% endif %}"
)
OPENING = PLAIN + "<think>\n"
EACH = {
    "hermes": HERMES,
    "llama": LLAMA,
    "mistral, lists": MISTRAL_LISTED,
    "mistral, names": MISTRAL_NAMED,
    "plain": PLAIN,
}
