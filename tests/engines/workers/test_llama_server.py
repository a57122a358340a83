"""What the library's server is started with."""

from seedbed.engines.workers.llama_server import parameters

LEAST = ["--model", "m.gguf", "--window", "512", "--places", "2", "--threads", "3"]


def test_each_place_has_the_whole_window() -> None:
    params = parameters(LEAST, key="k")
    assert (params.n_ctx, params.n_parallel, params.cpuparams.n_threads) == (1024, 2, 3)
    assert (params.n_gpu_layers, params.embedding, params.mmproj.path) == (0, False, "")


def test_it_is_reached_on_the_loopback_alone_with_its_key_and_fetches_nothing() -> None:
    params = parameters(LEAST, key="k")
    assert (params.hostnames, params.api_keys) == (["127.0.0.1"], ["k"])
    assert params.offline
    assert not params.ui


def test_it_notices_soon_who_has_left_and_goes_on_with_nobodys_words() -> None:
    params = parameters(LEAST, key="k")
    assert params.n_batch == 512
    assert not params.prefill_assistant


def test_adapters_projector_and_layers_are_passed_on() -> None:
    more = ["--adapter", "x=a", "--adapter", "y=b", "--projector", "p", "--layers", "99"]
    params = parameters([*LEAST, *more], key="k")
    assert [(each.path, each.scale) for each in params.lora_adapters] == [("a", 0.0), ("b", 0.0)]
    assert (params.mmproj.path, params.n_gpu_layers) == ("p", 99)


def test_prompts_are_kept_in_places_and_in_the_folder_that_is_told_alone() -> None:
    params = parameters(LEAST, key="k")
    assert (params.cache_ram_mib, params.slot_save_path) == (0, "")
    assert parameters([*LEAST, "--prefixes", "/kv"], key="k").slot_save_path == "/kv/"


def test_a_model_that_reads_does_so_in_one_step() -> None:
    embed = parameters([*LEAST, "--task", "embed", "--pooling", "mean"], key="k")
    assert (embed.embedding, embed.n_batch, embed.n_ubatch) == (True, 512, 512)
    assert embed.pooling_type == 1
    assert parameters([*LEAST, "--task", "rank"], key="k").pooling_type == 4
