"""Settings: good ones are read, every bad one is told, all at once, with what to do about it."""

from pathlib import Path

import pytest

from chassis.settings import FIELDS, PARTS, Settings, SettingsError, describe, load


def problems(environ: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as told:
        load(environ)
    return list(told.value.problems)


def test_nothing_said_means_an_embedded_trial() -> None:
    read = load({"PATH": "/bin", "HOME": "/root"})
    assert (read.kafka, read.database_url("goals"), read.data) == ("", None, Path(".cairn"))
    assert (read.partitions, read.outbox_retention_days, read.log_level) == (6, 7, "INFO")
    assert read.oidc_algorithms == ("RS256", "ES256", "EdDSA")


def test_a_deployment_says_everything() -> None:
    read = load(
        {
            "CAIRN_DATABASE_URL": "postgresql://cairn:s3cure@db:5432/cairn_{service}",
            "CAIRN_FEEDBACK_DATABASE_URL": "postgresql://feedback:s3cure@vault/feedback",
            "CAIRN_KAFKA": "kafka-1:9092,kafka-2:9092",
            "CAIRN_TOPIC_PREFIX": "acme.",
            "CAIRN_GOALS_URL": "http://goals:8080/",
            "CAIRN_OIDC_ISSUER": "https://id.example.org/realms/acme",
            "CAIRN_OIDC_AUDIENCE": "cairn",
            "CAIRN_OIDC_ALGORITHMS": "ES256, EdDSA",
            "CAIRN_SMTP_URL": "smtps://mailer:s3cure@mail.example.org:465",
            "CAIRN_MAIL_FROM": "Cairn <cairn@example.org>",
            "CAIRN_PORT": "9000",
            "CAIRN_LOG_LEVEL": "warning",
        }
    )
    assert read.database_url("goals") == "postgresql+psycopg://cairn:s3cure@db:5432/cairn_goals"
    assert read.database_url("feedback") == "postgresql+psycopg://feedback:s3cure@vault/feedback"
    assert read.service_url("goals") == "http://goals:8080"
    assert read.service_url("people") is None
    assert (read.kafka, read.topic_prefix) == ("kafka-1:9092,kafka-2:9092", "acme.")
    assert (read.port, read.log_level, read.oidc_algorithms) == (9000, "WARNING", ("ES256", "EdDSA"))


def test_an_empty_variable_counts_as_not_set() -> None:
    assert load({"CAIRN_KAFKA": "", "CAIRN_PORT": "  "}) == load({})


def test_all_mistakes_are_told_at_once() -> None:
    told = problems({"CAIRN_PORT": "http", "CAIRN_PARTITIONS": "0", "CAIRN_KAFKA": "kafka", "CAIRN_LOG_LEVEL": "loud"})
    assert len(told) == 4
    assert str(SettingsError(told)).count("\n") == 3


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("CAIRN_PORT", "70000", "from 0 to 65535"),
        ("CAIRN_PORT", "-1", "from 0 to 65535"),
        ("CAIRN_PORT", "८", "from 0 to 65535"),
        ("CAIRN_WEB_WORKERS", "0", "from 1 to 256"),
        ("CAIRN_PARTITIONS", "six", "from 1 to 1000"),
        ("CAIRN_OUTBOX_RETENTION_DAYS", "0", "from 1 to 3650"),
        ("CAIRN_KAFKA", "kafka", "host:port"),
        ("CAIRN_KAFKA", "a:1, b:2", "host:port"),
        ("CAIRN_TOPIC_PREFIX", "a/b", "letters, digits"),
        ("CAIRN_DATABASE_URL", "mysql://db/x", "postgresql://"),
        ("CAIRN_DATABASE_URL", "just a name", "postgresql://"),
        ("CAIRN_GOALS_DATABASE_URL", "mysql://db/x", "postgresql://"),
        ("CAIRN_DATABASE_URL", "postgresql://cairn:changeme@db/x", "placeholder"),
        ("CAIRN_DATABASE_URL", "postgresql://cairn:<password>@db/{service}", "placeholder"),
        ("CAIRN_SMTP_URL", "smtp://u:change-me@mail", "placeholder"),
        ("CAIRN_SMTP_URL", "http://mail", "smtp://host"),
        ("CAIRN_SMTP_URL", "smtp://mail:port", "CAIRN_SMTP_URL"),
        ("CAIRN_GOALS_URL", "goals:8080", "http://host"),
        ("CAIRN_PUBLIC_URL", "cairn.example.org", "https://host"),
        ("CAIRN_CURSOR_SECRET", "changeme-changeme-changeme", "placeholder"),
        ("CAIRN_CURSOR_SECRET", "short", "at least 16"),
        ("CAIRN_INTERNAL_PRIVATE_KEY", "secret", "placeholder"),
        ("CAIRN_OIDC_ISSUER", "http://id.example.org", "https"),
        ("CAIRN_OIDC_JWKS_URL", "ftp://id.example.org", "https"),
        ("CAIRN_OIDC_ALGORITHMS", "HS256", "not HS256"),
        ("CAIRN_OIDC_ALGORITHMS", "RS256,none", "not none"),
        ("CAIRN_OIDC_ALGORITHMS", ",", "not nothing"),
        ("CAIRN_MAIL_FROM", "nobody", "e-mail address"),
        ("CAIRN_LOG_LEVEL", "loud", "DEBUG, INFO"),
    ],
)
def test_a_wrong_value_is_told_with_a_remedy(name: str, value: str, hint: str) -> None:
    told = problems({name: value})
    assert told[0].startswith(name)
    assert hint in told[0]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CAIRN_DATABSE_URL", "CAIRN_DATABASE_URL"),
        ("CAIRN_GAOLS_DATABASE_URL", "CAIRN_GOALS_DATABASE_URL"),
        ("CAIRN_SMTP", "CAIRN_SMTP_URL"),
    ],
)
def test_an_unknown_name_is_a_mistake_with_a_guess(name: str, meant: str) -> None:
    assert problems({name: "x"}) == [f"{name} is not a setting. Did you mean {meant}?"]


@pytest.mark.parametrize(
    "name",
    ["CAIRN_URL", "CAIRN_TOKEN", "CAIRN_TEST_POSTGRES", "CAIRN_REQUIRE_KAFKA", "CAIRN_SHARED_DATA", "CAIRN_FAILPOINT"],
)
def test_variables_of_clients_and_tests_are_left_alone(name: str) -> None:
    assert load({name: "x"}) == load({})


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://cairn:s3cure@db/{service}\n")
    read = load({"CAIRN_DATABASE_URL_FILE": str(file)})
    assert read.database_url("goals") == "postgresql+psycopg://cairn:s3cure@db/goals"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    assert "cannot be read" in problems({"CAIRN_CURSOR_SECRET_FILE": str(tmp_path / "none")})[0]
    assert "has nothing" in problems({"CAIRN_CURSOR_SECRET_FILE": str(empty)})[0]
    both = {"CAIRN_CURSOR_SECRET_FILE": str(empty), "CAIRN_CURSOR_SECRET": "a" * 20}
    assert "both set" in problems(both)[0]


def test_only_secrets_come_from_files() -> None:
    assert "CAIRN_PORT_FILE is not a setting" in problems({"CAIRN_PORT_FILE": "/x"})[0]


def test_what_belongs_together_must_come_together() -> None:
    assert "CAIRN_OIDC_AUDIENCE" in problems({"CAIRN_OIDC_ISSUER": "https://id.example.org"})[0]
    assert "CAIRN_MAIL_FROM" in problems({"CAIRN_SMTP_URL": "smtp://mail:25"})[0]


def test_secrets_are_not_shown() -> None:
    secret = "Xq7-very-secret-indeed"
    read = load(
        {
            "CAIRN_CURSOR_SECRET": secret,
            "CAIRN_DATABASE_URL": f"postgresql://cairn:{secret}@db/x",
            "CAIRN_GOALS_DATABASE_URL": f"postgresql://cairn:{secret}@db/goals",
        }
    )
    assert secret not in repr(read)


def test_a_wrong_secret_is_not_repeated() -> None:
    assert "hunter2" not in "".join(problems({"CAIRN_DATABASE_URL": "mysql://root:hunter2@db/x"}))
    assert "hunter2" not in "".join(problems({"CAIRN_CURSOR_SECRET": "hunter2"}))


def test_every_setting_is_described() -> None:
    told = {name: (meaning, default) for name, meaning, default in describe()}
    assert set(told) == {item.metadata["name"] for item in FIELDS} | {
        "CAIRN_<PART>_DATABASE_URL",
        "CAIRN_<SERVICE>_URL",
    }
    assert all(meaning.endswith(".") for meaning, _ in told.values())
    assert told["CAIRN_PARTITIONS"][1] == "6"
    assert "gateway" in PARTS


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings().port = 1  # type: ignore[misc]
