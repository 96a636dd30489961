"""What a batch of check-ins costs where a database programmer writes it: one transaction of set-based statements.

It does for one kind of metric what the goals worker does for all: inbox, readings, key results, objectives from the
deepest level up, and, where asked, an event in the outbox for each that changed.
"""

import json
import uuid
from collections.abc import Sequence
from typing import Any, LiteralString

import psycopg

from contracts.checkins import CheckInSubmitted

_INBOX: LiteralString = (
    "INSERT INTO inbox SELECT id, now() FROM unnest(%(events)s::text[]) AS id ON CONFLICT DO NOTHING RETURNING event_id"
)
_READINGS: LiteralString = """
    INSERT INTO readings (id, version, key_result_id, value, confidence, as_of, submitted_at, withdrawn)
    SELECT id, version, key_result_id, value, confidence, as_of, submitted_at, false
    FROM json_to_recordset(%(said)s::json) AS said(id text, version int, key_result_id text, value numeric,
        confidence float, as_of date, submitted_at timestamptz)
    ON CONFLICT (id) DO UPDATE SET version = excluded.version, value = excluded.value, as_of = excluded.as_of
    WHERE readings.version < excluded.version"""
_KEY_RESULTS: LiteralString = """
    WITH new AS (
        SELECT k.id, r.value, r.confidence, r.as_of,
            round((r.value - k.start) / (k.target - k.start), 6) AS raw,
            CASE WHEN r.as_of >= c.ends_on THEN 1 WHEN r.as_of <= c.starts_on THEN 0
                ELSE round((r.as_of - c.starts_on)::numeric / (c.ends_on - c.starts_on), 6) END AS due
        FROM key_results k JOIN objectives o ON o.id = k.objective_id JOIN cycles c ON c.id = o.cycle_id
        CROSS JOIN LATERAL (SELECT * FROM readings WHERE key_result_id = k.id AND NOT withdrawn
            ORDER BY as_of DESC, submitted_at DESC, id DESC LIMIT 1) r
        WHERE k.id = ANY(%(key_results)s) AND NOT k.removed AND o.state NOT IN ('closed', 'deleted')
    ), judged AS (
        SELECT *, least(greatest(raw, 0), 1) AS progress,
            CASE WHEN due - raw <= 0 THEN 'on_track' WHEN due - raw <= 0.25 THEN 'behind' ELSE 'at_risk' END AS status
        FROM new
    )
    UPDATE key_results k SET value = j.value, confidence = j.confidence, as_of = j.as_of, progress_raw = j.raw,
        progress = j.progress, status = j.status, version = k.version + 1
    FROM judged j WHERE j.id = k.id AND (k.value, k.confidence, k.as_of, k.progress, k.status)
        IS DISTINCT FROM (j.value, j.confidence, j.as_of, j.progress, j.status)
    RETURNING k.id"""
_ABOVE: LiteralString = """
    WITH RECURSIVE above(id, height) AS (
        SELECT objective_id, 1 FROM key_results WHERE id = ANY(%(key_results)s)
        UNION
        SELECT l.parent_id, a.height + 1 FROM above a JOIN objective_links l ON l.child_id = a.id
        WHERE l.kind = 'contributes'
    ), highest AS (SELECT id, max(height) AS height FROM above GROUP BY id)
    SELECT array_agg(id) FROM highest GROUP BY height ORDER BY height"""
_LEVEL: LiteralString = """
    WITH lines AS (
        SELECT objective_id AS id, weight, progress, status FROM key_results
        WHERE objective_id = ANY(%(level)s) AND NOT removed
        UNION ALL
        SELECT l.parent_id, l.weight, o.progress, o.status FROM objective_links l JOIN objectives o ON o.id = l.child_id
        WHERE l.parent_id = ANY(%(level)s) AND l.kind = 'contributes' AND o.state IN ('active', 'closed')
    ), new AS (
        SELECT id, round(sum(weight * progress) / nullif(sum(weight), 0), 6) AS progress,
            CASE WHEN bool_or(status = 'at_risk') THEN 'at_risk' WHEN bool_or(status = 'behind') THEN 'behind'
                WHEN bool_or(status = 'on_track') THEN 'on_track' ELSE 'not_started' END AS status
        FROM lines GROUP BY id
    )
    UPDATE objectives o SET progress = n.progress, status = n.status, version = o.version + 1
    FROM new n WHERE n.id = o.id AND (o.progress, o.status) IS DISTINCT FROM (n.progress, n.status)
    RETURNING o.id"""
_EVENTS: LiteralString = """
    INSERT INTO outbox (event_id, topic, key, aggregate_version, type, payload, headers, created_at)
    SELECT e.id, 'cairn.goals', s.id, s.version, 'cairn.goals.' || kind || '.progressed.v1',
        convert_to(state::text, 'UTF8'),
        jsonb_build_object('ce_id', e.id, 'ce_type', 'cairn.goals.' || kind || '.progressed.v1',
            'ce_source', '/cairn/goals', 'ce_subject', s.id, 'ce_time', now(), 'ce_aggregateversion', s.version::text,
            'ce_specversion', '1.0', 'content-type', 'application/json', 'ce_correlationid', e.id,
            'ce_causationid', e.id, 'ce_traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
        now()
    FROM (
        SELECT id, version, 'objective' AS kind, json_build_object('id', id, 'version', version, 'title', title,
            'external_id', external_id, 'description', description, 'cycle_id', cycle_id, 'owner_kind', owner_kind,
            'owner_id', owner_id, 'co_owner_ids', co_owner_ids, 'kind', o.kind, 'state', state, 'progress', progress,
            'status', status, 'grade', grade, 'closed_at', closed_at, 'parents', (
                SELECT json_agg(json_build_object('parent_kind', parent_kind, 'parent_id', parent_id, 'kind', l.kind,
                    'weight', l.weight)) FROM objective_links l WHERE l.child_id = o.id)) AS state
        FROM objectives o WHERE id = ANY(%(objectives)s)
        UNION ALL
        SELECT id, version, 'key_result', json_build_object('id', id, 'version', version, 'title', title,
            'external_id', external_id, 'objective_id', objective_id, 'owner_id', owner_id, 'metric', metric,
            'unit', unit, 'currency', currency, 'start', start, 'target', target, 'lower', lower, 'upper', upper,
            'milestones', milestones, 'weight', weight, 'removed', removed, 'value', value,
            'milestones_done', milestones_done, 'progress_raw', progress_raw, 'progress', progress,
            'confidence', confidence, 'status', status, 'as_of', as_of, 'opened_at', opened_at)
        FROM key_results WHERE id = ANY(%(changed)s)
    ) s, LATERAL (SELECT md5(s.id || s.version)::uuid::text AS id) e"""


def apply(connection: psycopg.Connection[Any], batch: Sequence[CheckInSubmitted], *, events: bool) -> None:
    """One batch in one transaction."""
    with connection.transaction():
        connection.execute("SET LOCAL jit = off")
        connection.execute(_INBOX, {"events": [str(uuid.uuid4()) for _ in batch]})
        connection.execute(_READINGS, {"said": json.dumps([_fields(said) for said in batch])})
        key_results = {"key_results": [said.key_result_id for said in batch]}
        changed = [row[0] for row in connection.execute(_KEY_RESULTS, key_results)]
        objectives: list[str] = []
        for (level,) in connection.execute(_ABOVE, key_results).fetchall():
            objectives += [row[0] for row in connection.execute(_LEVEL, {"level": level})]
        if events:
            connection.execute(_EVENTS, {"changed": changed, "objectives": objectives})


def _fields(said: CheckInSubmitted) -> dict[str, Any]:
    names = ("id", "version", "key_result_id", "confidence")
    text = {name: str(getattr(said, name)) for name in ("value", "as_of", "submitted_at")}
    return {name: getattr(said, name) for name in names} | text
