"""Names by which files point at managers."""

from services.people.rules.names import asked_for, full_names


def test_case_blanks_and_the_order_with_a_comma_do_not_matter() -> None:
    answers_to = full_names("Dr. Ana  Söderberg", "Ana", "Söderberg")
    assert asked_for("dr. ana söderberg ")[0] in answers_to
    assert asked_for("SÖDERBERG, Ana")[1] in answers_to


def test_a_part_of_a_name_or_another_accent_is_another_name() -> None:
    answers_to = full_names("Ana Söderberg", None, "Söderberg")
    assert not answers_to & set(asked_for("Ana")) | answers_to & set(asked_for("Ana Soderberg"))
