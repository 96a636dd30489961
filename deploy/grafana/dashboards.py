"""What is drawn: an overview, a dashboard for each part, and the way of the events."""

from typing import Any

from deploy.grafana.panels import Panel, Row, dashboard, number, table

PARTS = ("people", "goals", "checkins", "feedback", "notifications", "gateway")
LISTENING = tuple(part for part in PARTS if part != "people")
"""Those that have a consumer."""


def every() -> dict[str, dict[str, Any]]:
    """All dashboards, by the name of their file."""
    parts = {f"part-{name}.json": part(name) for name in PARTS}
    return {"overview.json": overview(), "event-flow.json": event_flow(), **parts}


def rate(counter: str, by: str, where: str = "") -> str:
    return f"sum by ({by}) (rate({counter}{where}[$__rate_interval]))"


def percentile(share: float, histogram: str, by: str, where: str = "") -> str:
    return f"histogram_quantile({share}, {rate(f'{histogram}_bucket', f'{by}, le', where)})"


def overview() -> dict[str, Any]:
    return dashboard("cairn-overview", "Cairn: overview", [_wrong(), _requests(), _events(), _things()])


def _wrong() -> Row:
    """What is red here has an alert and a runbook."""
    return "Is anything wrong?", [
        table(
            "Alerts",
            "Every line has a section in docs/operations.md.",
            'sum by (alertname, service, severity) (ALERTS{alertstate="firing"})',
        ),
        number(
            "Processes that do not answer",
            "Any: see 'A process is down' in docs/operations.md.",
            "short",
            'count(up{role=~"web|worker"} == 0) or vector(0)',
            1,
        ),
        number(
            "Requests that fail",
            "The worst part's share of answers of 500 in five minutes. Above 1%: a mistake of ours.",
            "percentunit",
            "max(cairn:request_errors:ratio5m) or vector(0)",
            0.01,
        ),
        number(
            "Longest wait in an outbox",
            "Above 90 s nothing is published: the bus is away, or a relay stands still.",
            "s",
            "max(cairn_outbox_oldest_unpublished_seconds)",
            90,
        ),
        number(
            "Furthest behind",
            "How long the oldest event that waits for a consumer has waited. Above 30 s people see old figures.",
            "s",
            "max(cairn_consumer_lag_seconds)",
            30,
        ),
        number(
            "Parked events",
            "Any: somebody's figures are not what they should be. Read `cairn parked list`.",
            "short",
            "sum(max by (service) (cairn_dead_letters))",
            1,
        ),
    ]


def _requests() -> Row:
    return "Requests", [
        Panel("Requests", "None where there always are some: look at the edge.", "reqps",
              {"{{service}}": rate("cairn_http_requests_total", "service")}),
        Panel("Failed and put off", "Share of answers of 500 and of 503. More than 1% failed or 5% put off.",
              "percentunit",
              {"{{service}} failed": "cairn:request_errors:ratio5m",
               "{{service}} put off": "cairn:requests_put_off:ratio5m"}, 0.01),
        Panel("Time to answer, 95th percentile", "Above half a second for ten minutes.", "s",
              {"{{service}}": "cairn:request_seconds:p95_5m"}, 0.5),
    ]  # fmt: skip


def _events() -> Row:
    return "Events", [
        Panel("Published", "None while requests change something: see the event flow.", "ops",
              {"{{service}}": rate("cairn_relay_published_total", "service")}),
        Panel("Behind", "How long the oldest event known to wait has waited. Above 30 s.", "s",
              {"{{service}}": "max by (service) (cairn_consumer_lag_seconds)"}, 30),
        Panel("Age of copies", "How old what readers see may be; up to 3 s is nothing.", "s",
              {"{{service}}": "max by (service) (cairn_projection_age_seconds)"}, 30),
    ]  # fmt: skip


def _things() -> Row:
    return "What it stands on", [
        Panel("Database connections", "In use against what the processes may open. Near 1 for minutes.", "percentunit",
              {"{{service}}": "sum by (service) (cairn_database_connections_in_use)"
                              " / sum by (service) (cairn_database_connections_limit)"}, 0.9),
        Panel("The bus answers", "1 while it does. 0 for 20 s: the bus is away.", "short",
              {"{{service}}": "max by (service) (cairn_bus_reachable)"}),
        table("Versions", "Two of a part for longer than an upgrade takes: an instance was forgotten.",
              "count by (service, version) (cairn_build_info)"),
    ]  # fmt: skip


def part(name: str) -> dict[str, Any]:
    """What one part's web processes and workers show."""
    mine = f'{{service="{name}"}}'
    rows = [_answers(mine), _database(mine), _relay(mine)]
    if name in LISTENING:
        rows.append(_consumer(mine))
    return dashboard(f"cairn-{name}", f"Cairn: {name}", [*rows, _tasks(name, mine)])


def _answers(mine: str) -> Row:
    seconds = "cairn_http_request_duration_seconds"
    errors = mine.replace("}", ', code=~"5.."}')
    return "Requests", [
        Panel("By status", "5xx other than 503 are mistakes of ours; 503 says that something it needs is away.",
              "reqps",
              {"{{code}}": rate("cairn_http_requests_total", "code", mine)}),
        Panel("By route", "The ten that are asked most.", "reqps",
              {"{{method}} {{route}}": f"topk(10, {rate('cairn_http_requests_total', 'method, route', mine)})"}),
        Panel("Failing routes", "Any that stays: the log has the reason, by trace id.", "reqps",
              {"{{code}} {{method}} {{route}}": rate("cairn_http_requests_total", "code, method, route", errors)}),
        Panel("Time to answer", "The 95th percentile above half a second.", "s",
              {f"{share:.0%}": percentile(share, seconds, "service", mine) for share in (0.5, 0.95, 0.99)}, 0.5),
        Panel("Slowest routes", "The ten slowest by their 95th percentile. One alone: its callers ask for too much.",
              "s",
              {"{{method}} {{route}}": f"topk(10, {percentile(0.95, seconds, 'method, route', mine)})"}, 0.5),
        Panel("Refused", "Callers without proof or permission. A jump: an expired token, or somebody trying doors.",
              "reqps",
              {"{{code}}": rate("cairn_authz_denied_total", "code", mine)}),
    ]  # fmt: skip


def _database(mine: str) -> Row:
    return "Database", [
        Panel("Connections", "In use near the limit for minutes: something holds them.", "short",
              {"{{role}} in use": f"sum by (role) (cairn_database_connections_in_use{mine})",
               "{{role}} at most": f"sum by (role) (cairn_database_connections_limit{mine})"}),
        Panel("Wait for a connection, 95th percentile", "Tenths of seconds: the pool is short or the server slow.", "s",
              {"{{role}}": percentile(0.95, "cairn_database_connection_wait_seconds", "role", mine)}, 0.1),
        Panel("No connection in time", "Any: callers were answered 503 for it.", "ops",
              {"{{role}}": rate("cairn_database_connection_timeouts_total", "role", mine)}),
        Panel("Since the database last answered", "Asked every two seconds by each worker. Above 20 s it is away.", "s",
              {"{{instance}}": f"time() - cairn_database_answer_timestamp_seconds{mine}"}, 20),
    ]  # fmt: skip


def _relay(mine: str) -> Row:
    turn = mine.replace("}", ', loop="relay"}')
    return "Outbox and relay", [
        Panel("Waiting in the outbox", "Growing for five minutes: the bus is away or the relay stands still.", "short",
              {"events": f"max(cairn_outbox_unpublished{mine})"}),
        Panel("Longest wait in the outbox", "Above 90 s.", "s",
              {"oldest": f"max(cairn_outbox_oldest_unpublished_seconds{mine})"}, 90),
        Panel("Published", "Failures that stay: the brokers are in trouble, or a topic is missing.", "ops",
              {"published": rate("cairn_relay_published_total", "service", mine),
               "failed": rate("cairn_relay_failures_total", "service", mine)}),
        Panel("Time to publish a batch", "Seconds rather than milliseconds: the brokers are slow.", "s",
              {f"{share:.0%}": percentile(share, "cairn_relay_publish_duration_seconds", "service", mine)
               for share in (0.5, 0.95)}, 1),
        Panel("Since the relay came round", "Above 45 s it stands still, unless bus or database is away.", "s",
              {"{{instance}}": f"time() - cairn_worker_turn_timestamp_seconds{turn}"}, 45),
        Panel("Who relays", "The sum over the workers is 1; 0 for a minute is nobody.", "short",
              {"{{instance}}": f"cairn_relay_lease_held{mine}"}),
    ]  # fmt: skip


def _consumer(mine: str) -> Row:
    turn = mine.replace("}", ', loop="consumer"}')
    return "Consumer", [
        Panel("Taken, by result", "Parked or behind: see Parked events. Duplicates after a restart are normal.", "ops",
              {"{{result}}": rate("cairn_consumer_processed_total", "result", mine)}),
        Panel("Time to apply a batch", "Seconds rather than milliseconds: the database is slow.", "s",
              {f"{share:.0%}": percentile(share, "cairn_consumer_batch_duration_seconds", "service", mine)
               for share in (0.5, 0.95)}, 1),
        Panel("Messages not yet taken", "Growing for ten minutes: start a second worker.", "short",
              {"{{instance}}": f"cairn_consumer_lag_records{mine}"}),
        Panel("Behind", "Age of the oldest event that waits, and of the copy. Above 30 s.", "s",
              {"waits {{instance}}": f"cairn_consumer_lag_seconds{mine}",
               "copy {{instance}}": f"cairn_projection_age_seconds{mine}"}, 30),
        Panel("Partitions read", "None of a topic for a minute: nobody reads it.", "short",
              {"{{topic}}": f"sum by (topic) (cairn_consumer_partitions{mine})"}),
        Panel("Parked", "Any: somebody's figures are not what they should be.", "short",
              {"events": f"max(cairn_dead_letters{mine})", "aggregates": f"max(cairn_parked_aggregates{mine})",
               "stopped itself": f"max(cairn_consumer_stopped{mine})"}, 1),
        Panel("Since the consumer came round", "As long as a batch takes. Three minutes: it stands still.", "s",
              {"{{instance}}": f"time() - cairn_worker_turn_timestamp_seconds{turn}"}, 180),
    ]  # fmt: skip


def _tasks(name: str, mine: str) -> Row:
    grown = f"sum by (task) (increase(cairn_task_failures_total{mine}[$__rate_interval]))"
    worry = "Growth: the worker's log has the reason. They are tried again."
    failures = Panel("Tasks that failed", worry, "short", {"{{task}}": grown})
    return "Recurring tasks", [failures, *OWN.get(name, [])]


OWN = {
    "people": [
        Panel("Files carried out", "Stopped or refused: somebody must look at the HR export.", "short",
              {"{{of}} {{state}}": "sum by (of, state) (increase(cairn_imports_total[$__rate_interval]))"}),
        Panel("Time to carry out a file, 95th percentile", "Above a minute for fewer than 100,000 people.", "s",
              {"{{of}}": percentile(0.95, "cairn_import_duration_seconds", "of")}, 60),
        Panel("Changes whose day came", "Stuck grows: somebody's manager or address of then is not there any more.",
              "short",
              {"{{outcome}}": "sum by (outcome) (increase(cairn_people_scheduled_changes_total[$__rate_interval]))"}),
    ],
    "notifications": [
        Panel("Messages handed over", "Away or later grows and sent does not: the mail server refuses us.", "ops",
              {"{{channel}} {{outcome}}": rate("cairn_deliveries_total", "channel, outcome")}),
    ],
}  # fmt: skip


def event_flow() -> dict[str, Any]:
    """From the commit to the last reader, in the order in which an event gets there."""
    return dashboard("cairn-event-flow", "Cairn: event flow", [_leaving(), _travelling(), _arriving()])


def _leaving() -> Row:
    return "Committed, not yet published", [
        Panel("Waiting in outboxes", "Growing for five minutes: the bus is away or a relay stands still.", "short",
              {"{{service}}": "max by (service) (cairn_outbox_unpublished)"}),
        Panel("Longest wait in outboxes", "Above 90 s.", "s",
              {"{{service}}": "max by (service) (cairn_outbox_oldest_unpublished_seconds)"}, 90),
        Panel("Since a relay came round", "Above 45 s it stands still, unless bus or database is away.", "s",
              {"{{service}} {{instance}}": "cairn:relay_turn:age_seconds"}, 45),
    ]  # fmt: skip


def _travelling() -> Row:
    return "On the bus", [
        Panel("Published", "Compare with what is taken below: each event is taken by every part that reads its topic.",
              "ops",
              {"{{service}}": rate("cairn_relay_published_total", "service")}),
        Panel("Time to publish a batch, 95th percentile", "Seconds rather than milliseconds: the brokers are slow.",
              "s",
              {"{{service}}": percentile(0.95, "cairn_relay_publish_duration_seconds", "service")}, 1),
        Panel("Not acknowledged", "Sent again by itself. If it stays: brokers in trouble, or a topic is missing.",
              "ops",
              {"{{service}}": rate("cairn_relay_failures_total", "service")}),
    ]  # fmt: skip


def _arriving() -> Row:
    return "Taken and applied", [
        Panel("Taken", "None while others publish: the consumer stands still or has stopped itself.", "ops",
              {"{{service}}": "sum by (service) (cairn:consumer_processed:rate5m)"}),
        Panel("Duplicates", "The inbox drops them. Normal after a restart; for hours: offsets are not committed.",
              "ops",
              {"{{service}}": 'cairn:consumer_processed:rate5m{result="duplicate"}'}),
        Panel("Time to apply a batch, 95th percentile", "Seconds rather than milliseconds: the database is slow.", "s",
              {"{{service}}": percentile(0.95, "cairn_consumer_batch_duration_seconds", "service")}, 1),
        Panel("Messages not yet taken", "Growing for ten minutes: start a second worker.", "short",
              {"{{service}}": "sum by (service) (cairn_consumer_lag_records)"}),
        Panel("Behind", "How long the oldest event known to wait has waited. Above 30 s.", "s",
              {"{{service}}": "max by (service) (cairn_consumer_lag_seconds)"}, 30),
        Panel("Parked events", "Any: somebody's figures are not what they should be.", "short",
              {"{{service}}": "max by (service) (cairn_dead_letters)"}, 1),
    ]  # fmt: skip
