"""Prometheus metrics of the web server. One registry an application; nothing is registered by an import."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
FIRST_FRAME_BUCKETS = (0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """What this process counts. Labels name route templates, never paths: their number is bounded."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "nearlive_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "nearlive_http_seconds",
            "Time to the answer.",
            ["method", "route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.first_frames = Histogram(
            "nearlive_first_frame_seconds",
            "From the click to the first painted frame, as viewers' browsers report it.",
            buckets=FIRST_FRAME_BUCKETS,
            registry=self.registry,
        )
        self.in_flight = Gauge("nearlive_http_in_flight", "Requests being answered.", registry=self.registry)
        self.sockets = Gauge("nearlive_sockets", "Open WebSockets of this process.", registry=self.registry)
        self.socket_closes = Counter(
            "nearlive_socket_closes", "WebSockets closed by us.", ["code"], registry=self.registry
        )
        self.socket_messages = Counter(
            "nearlive_socket_messages", "Client messages.", ["type", "outcome"], registry=self.registry
        )
        self.topic_events = Counter("nearlive_topic_events", "Events published.", ["kind"], registry=self.registry)
        self.outbox_done = Counter(
            "nearlive_outbox_done", "Events whose reactions ran.", ["event"], registry=self.registry
        )
        self.outbox_failures = Counter(
            "nearlive_outbox_failures", "Tries of an event that failed.", ["event"], registry=self.registry
        )
        self.outbox_waiting = Gauge("nearlive_outbox_waiting", "Events not yet done.", registry=self.registry)
        self.outbox_poisoned = Gauge(
            "nearlive_outbox_poisoned", "Events given up after too many tries.", registry=self.registry
        )
        self.task_crashes = Counter(
            "nearlive_task_crashes",
            "Background tasks that fell over and were started again.",
            ["task"],
            registry=self.registry,
        )
