"""Every metric Cairn exports, declared once. Base units, bounded labels: never an id, a name or a raw path."""

from prometheus_client import Counter, Gauge, Histogram

BUILD = Gauge("cairn_build_info", "1; what runs here.", ["service", "version"], multiprocess_mode="livemax")

REQUESTS = Counter("cairn_http_requests_total", "Requests answered.", ["service", "route", "method", "code"])
REQUEST_SECONDS = Histogram(
    "cairn_http_request_duration_seconds",
    "Time from the request's arrival to its answer.",
    ["service", "route", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
DENIED = Counter("cairn_authz_denied_total", "Requests refused for want of proof or permission.", ["service", "code"])

OUTBOX_UNPUBLISHED = Gauge("cairn_outbox_unpublished", "Outbox rows that wait for the relay.", ["service"])
OUTBOX_AGE = Gauge("cairn_outbox_oldest_unpublished_seconds", "Age of the oldest waiting outbox row.", ["service"])
RELAYED = Counter("cairn_relay_published_total", "Events acknowledged by the bus and marked.", ["service"])
PUBLISH_SECONDS = Histogram(
    "cairn_relay_publish_duration_seconds",
    "Time from handing a batch to the bus to its last acknowledgement.",
    ["service"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
RELAY_FAILURES = Counter("cairn_relay_failures_total", "Publishes the bus did not acknowledge.", ["service"])
LEASE_HELD = Gauge("cairn_relay_lease_held", "1 while this process is the one that relays.", ["service"])

PROCESSED = Counter(
    "cairn_consumer_processed_total",
    "Events taken from the bus: handled, duplicate, ignored or parked.",
    ["service", "result"],
)
BATCH_SECONDS = Histogram(
    "cairn_consumer_batch_duration_seconds",
    "Time to apply one polled batch.",
    ["service"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
LAG = Gauge("cairn_consumer_lag_records", "Messages not yet taken, over all partitions held.", ["service"])
PARTITIONS = Gauge(
    "cairn_consumer_partitions",
    "Partitions of a topic this worker reads; 0 of a topic left to others.",
    ["service", "topic"],
)
LAG_SECONDS = Gauge(
    "cairn_consumer_lag_seconds", "Age of the oldest event known to wait or at work; 0 when none does.", ["service"]
)
PROJECTION_AGE = Gauge(
    "cairn_projection_age_seconds",
    "Seconds since nothing was known to be missing from this part's copies.",
    ["service"],
)
DEAD_LETTERS = Gauge("cairn_dead_letters", "Events that are parked.", ["service"])
PARKED_AGGREGATES = Gauge("cairn_parked_aggregates", "Aggregates with parked events.", ["service"])
CONSUMER_STOPPED = Gauge(
    "cairn_consumer_stopped", "1 when the consumer stopped because too much was parked.", ["service"]
)
BUS_REACHABLE = Gauge("cairn_bus_reachable", "1 while the bus answers this worker, 0 while it does not.", ["service"])
TURNED = Gauge(
    "cairn_worker_turn_timestamp_seconds",
    "When a loop of the worker last came round, since 1970: relay, consumer or tasks.",
    ["service", "loop"],
)
TASK_FAILURES = Counter("cairn_task_failures_total", "Runs of a recurring task that failed.", ["service", "task"])
DELIVERIES = Counter("cairn_deliveries_total", "Messages handed to a channel.", ["channel", "outcome"])
SCHEDULED_CHANGES = Counter(
    "cairn_people_scheduled_changes_total", "Changes of people whose day came: applied or stuck.", ["outcome"]
)

IMPORTS = Counter(
    "cairn_imports_total",
    "Files carried out: applied, judged (dry runs), refused, stopped by the guard rail, or failed.",
    ["service", "of", "state"],
)
IMPORT_SECONDS = Histogram(
    "cairn_import_duration_seconds",
    "Time to read, judge and apply one file.",
    ["service", "of"],
    buckets=(0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300),
)

DATABASE_ANSWERED = Gauge(
    "cairn_database_answer_timestamp_seconds", "When the database last answered this worker, since 1970.", ["service"]
)
CONNECTIONS = Gauge(
    "cairn_database_connections_in_use",
    "Database connections at work now, over all processes.",
    ["service"],
    multiprocess_mode="livesum",
)
CONNECTIONS_LIMIT = Gauge(
    "cairn_database_connections_limit",
    "The most database connections the pools may open, over all processes.",
    ["service"],
    multiprocess_mode="livesum",
)
CONNECTION_SECONDS = Histogram(
    "cairn_database_connection_wait_seconds",
    "Time to get a connection from the pool, a new one included.",
    ["service"],
    buckets=(0.001, 0.005, 0.025, 0.1, 0.5, 2.5),
)
CONNECTION_TIMEOUTS = Counter(
    "cairn_database_connection_timeouts_total", "Times no connection became free in time.", ["service"]
)
