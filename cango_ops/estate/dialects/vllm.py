"""vLLM's server on its metrics port: /metrics, /health, /v1/models, and the sleep calls of its development mode.

Names of the V1 engine: `kv_cache_usage_perc`, `inter_token_latency_seconds`, labels model_name and engine. POST /sleep
and /wake_up answer at once; the GPUs follow within seconds, after level 2 within most of a minute.
"""

from typing import Final

from cango_ops.estate.gpu_node import SLEEP_S, Node, demand
from cango_ops.estate.http_server import TEXT, HttpRequest, HttpResponse, json_response
from cango_ops.estate.world import World

TOKENS_PER_REQUEST: Final = 310
PROMPT_RATIO: Final = 3.4
SEATS: Final = 192
STATES: Final = ("awake", "weights_offloaded", "discard_all")
# Upper bounds in seconds, and the share of requests that is done by then.
FIRST_TOKEN: Final = ((0.05, 0.12), (0.1, 0.44), (0.25, 0.81), (0.5, 0.93), (1.0, 0.978), (2.5, 0.996), (5.0, 1.0))
BETWEEN_TOKENS: Final = ((0.01, 0.08), (0.025, 0.71), (0.05, 0.95), (0.1, 0.992), (0.25, 1.0))
END_TO_END: Final = ((1.0, 0.07), (2.5, 0.24), (5.0, 0.55), (10.0, 0.88), (20.0, 0.98), (40.0, 1.0))


def respond(world: World, node: Node, request: HttpRequest, port: int) -> HttpResponse:
    """One answer. A server that is down with its GPU refuses: the gateway's 503."""
    t = world.clock()
    if node.is_broken(t):
        return HttpResponse(503, b"EngineDeadError", "text/plain")
    match request.method, request.path:
        case "GET", "/metrics":
            return HttpResponse(200, metrics(node, t), TEXT)
        case "GET", "/health":
            return HttpResponse(200)
        case "GET", "/is_sleeping":
            return json_response({"is_sleeping": node.sleep_level > 0})
        case "GET", "/v1/models":
            return json_response({"object": "list", "data": [{"id": node.plate.serves, "object": "model"}]})
        case "POST", "/sleep":
            return _sleep(world, node, request, port)
        case "POST", "/wake_up":
            node.wake(t)
            world.note(node, port, "wake_up", "", 200)
            return HttpResponse(200)
    return HttpResponse(404, b'{"detail":"Not Found"}')


def _sleep(world: World, node: Node, request: HttpRequest, port: int) -> HttpResponse:
    level = request.query.get("level", "1")
    if level not in ("1", "2") or int(level) not in SLEEP_S:
        world.note(node, port, "sleep", f"level={level}", 400)
        return HttpResponse(400, b'{"detail":"level must be 1 or 2"}')
    node.sleep(int(level), world.clock())
    world.note(node, port, "sleep", f"level={level}", 200)
    return HttpResponse(200)


def metrics(node: Node, t: float) -> bytes:
    """The page of metrics."""
    labels = f'engine="0",model_name="{node.plate.serves}"'
    busy = demand(node, t) if node.serves(t) else 0.0
    tokens = int(node.tokens(t))
    done = tokens // TOKENS_PER_REQUEST
    waiting = int(max(0.0, busy - 0.85) * 120)
    lines = [
        _gauge("num_requests_running", "Number of requests in model execution batches.", labels, int(busy * SEATS)),
        _gauge("num_requests_waiting", "Number of requests waiting to be processed.", labels, waiting),
        _gauge("kv_cache_usage_perc", "KV-cache usage. 1 means 100 percent usage.", labels, round(busy * 0.83, 4)),
        _counter("prompt_tokens", "Number of prefill tokens processed.", labels, int(tokens * PROMPT_RATIO)),
        _counter("generation_tokens", "Number of generation tokens processed.", labels, tokens),
        _counter("num_preemptions", "Cumulative number of preemption from the engine.", labels, done // 9000),
        _counter("request_success", "Count of processed requests.", f'{labels},finished_reason="stop"', done),
        _sleep_state(node, labels),
        _histogram("time_to_first_token_seconds", "Time to first token in seconds.", labels, FIRST_TOKEN, done),
        _histogram("inter_token_latency_seconds", "Inter-token latency in seconds.", labels, BETWEEN_TOKENS, tokens),
        _histogram("e2e_request_latency_seconds", "E2e request latency in seconds.", labels, END_TO_END, done),
        f"# TYPE process_start_time_seconds gauge\nprocess_start_time_seconds {node.boot_at:.2f}\n",
    ]  # fmt: skip
    return "".join(lines).encode()


def _gauge(name: str, text: str, labels: str, value: float) -> str:
    return f"# HELP vllm:{name} {text}\n# TYPE vllm:{name} gauge\nvllm:{name}{{{labels}}} {float(value)}\n"


def _counter(name: str, text: str, labels: str, value: int) -> str:
    head = f"# HELP vllm:{name}_total {text}\n# TYPE vllm:{name}_total counter\n"
    return f"{head}vllm:{name}_total{{{labels}}} {float(value)}\n"


def _sleep_state(node: Node, labels: str) -> str:
    head = "# HELP vllm:engine_sleep_state Engine sleep state.\n# TYPE vllm:engine_sleep_state gauge\n"
    return head + "".join(
        f'vllm:engine_sleep_state{{{labels},sleep_state="{state}"}} {1.0 if level == node.sleep_level else 0.0}\n'
        for level, state in enumerate(STATES)
    )


def _histogram(name: str, text: str, labels: str, shape: tuple[tuple[float, float], ...], count: int) -> str:
    rows = [f'vllm:{name}_bucket{{{labels},le="{bound}"}} {float(int(count * share))}\n' for bound, share in shape]
    rows.append(f'vllm:{name}_bucket{{{labels},le="+Inf"}} {float(count)}\n')
    steps = zip(shape, ((0.0, 0.0), *shape), strict=False)
    mean = sum((share - before) * (bound + low) / 2 for (bound, share), (low, before) in steps)
    head = f"# HELP vllm:{name} {text}\n# TYPE vllm:{name} histogram\n"
    totals = f"vllm:{name}_count{{{labels}}} {float(count)}\nvllm:{name}_sum{{{labels}}} {mean * count:.3f}\n"
    return head + "".join(rows) + totals
