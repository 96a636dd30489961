"""Files in many languages, written the way offices there write them: nobody listed these layouts."""

from collections.abc import Sequence
from datetime import date

import pytest

from tests.support.hr_files import cells, csv_file, people, read, reporting_lines, sources, unread
from tests.support.workbooks import workbook

TEAM = (
    ("0001", "Anna", "Müller", "anna.mueller@example.org", ""),
    ("0002", "Jörg", "Groß", "joerg.gross@example.org", "0001"),
    ("0007", "Łucja", "Żak", "lucja.zak@example.org", "0001"),
    ("0010", "Chloé", "d'Été", "chloe@example.org", "0002"),
    ("0011", "José María", "Núñez", "jose@example.org", "0002"),
)
LINES = {
    "joerg.gross@example.org": "anna.mueller@example.org",
    "lucja.zak@example.org": "anna.mueller@example.org",
    "chloe@example.org": "joerg.gross@example.org",
    "jose@example.org": "joerg.gross@example.org",
}
# id, given name, family name, e-mail, manager, title, hire date, department
HEADERS = {
    "en": "Staff No|Forename|Surname|E-mail|Line Manager|Designation|Date of Joining|Dept",
    "de": "Personalnummer|Vorname|Nachname|E-Mail-Adresse|Vorgesetzte(r)|Funktion|Eintrittsdatum|Abteilung",
    "fr": "Matricule|Prénom|Nom|Adresse e-mail|Responsable hiérarchique|Intitulé du poste|Date d'entrée|Service",
    "es": "Nº de empleado|Nombre|Apellidos|Correo electrónico|Jefe directo|Puesto|Fecha de ingreso|Área",
    "it": "Matricola|Nome|Cognome|Posta elettronica|Responsabile|Mansione|Data di assunzione|Reparto",
    "nl": "Personeelsnummer|Voornaam|Achternaam|E-mailadres|Leidinggevende|Functie|Datum in dienst|Afdeling",
    "pt": "Matrícula|Nome|Sobrenome|E-mail corporativo|Gestor imediato|Cargo|Data de admissão|Setor",
    "pl": "Nr ewidencyjny|Imię|Nazwisko|Adres e-mail|Przełożony|Stanowisko|Data zatrudnienia|Dział",
    "sv": "Anställningsnummer|Förnamn|Efternamn|E-postadress|Närmaste chef|Befattning|Anställningsdatum|Avdelning",
    "no": "Ansattnr.|Fornavn|Etternavn|E-post|Nærmeste leder|Stillingstittel|Ansettelsesdato|Avdeling",
    "da": "Medarbejdernr.|Fornavn|Efternavn|Arbejdsmail|Leder|Stillingsbetegnelse|Ansættelsesdato|Afdeling",
    "fi": "Henkilönumero|Etunimi|Sukunimi|Sähköposti|Esihenkilö|Tehtävänimike|Aloituspäivä|Osasto",
    "cs": "Osobní číslo|Jméno|Příjmení|Pracovní e-mail|Nadřízený|Pracovní pozice|Datum nástupu|Oddělení",
    "tr": "Sicil No|Ad|Soyad|E-posta|Yöneticisi|Unvan|İşe Başlama Tarihi|Departman",
}


def rows_of(manager: dict[str, str]) -> list[Sequence[str]]:
    """The team with managers as `manager` calls them, hired on days in January 2026."""
    return [
        (number, given, family, email, manager.get(above, ""), "Engineer", f"{10 + place}.01.2026", "Sales")
        for place, (number, given, family, email, above) in enumerate(TEAM)
    ]


BY_ID = {number: number for number, *_ in TEAM}
BY_EMAIL = {number: email for number, _, _, email, _ in TEAM}
BY_NAME = {number: f"{given} {family}" for number, given, family, *_ in TEAM}
FAMILY_FIRST = {number: f"{family}, {given}" for number, given, family, *_ in TEAM}
WITH_ID = {number: f"{given} {family} ({number})" for number, given, family, *_ in TEAM}


@pytest.mark.parametrize("managers", [BY_ID, BY_EMAIL, BY_NAME, FAMILY_FIRST, WITH_ID])
@pytest.mark.parametrize("language", HEADERS)
def test_a_file_in_another_language_gives_the_same_people(language: str, managers: dict[str, str]) -> None:
    understood = read(csv_file(HEADERS[language].split("|"), *rows_of(managers), separator=";"))
    assert understood.table.rejected == []
    assert cells(understood, "external_id", "display_name", "email", "title", "start_date") == [
        (number, f"{given} {family}", email, "Engineer", f"2026-01-{10 + place}")
        for place, (number, given, family, email, _) in enumerate(TEAM)
    ]
    assert reporting_lines(people(understood)) == LINES


def test_a_german_export_with_semicolons_in_windows_1252() -> None:
    header = [
        "Pers.-Nr.",
        "Name",
        "Vorname",
        "E-Mail (dienstlich)",
        "Vorgesetzter",
        "Status",
        "Austritt",
        "Geburtsdatum",
    ]
    rows = [
        ["0815", "Groß", "Jürgen", "j.gross@example.de", "Öztürk, Ayşe".replace("ş", "s"), "aktiv", "", "03.04.1980"],
        ["0042", "Öztürk", "Ayse", "a.oeztuerk@example.de", "", "aktiv", "31.12.9999", "05.06.1975"],
        ["0007", "Bär", "Renée", "r.baer@example.de", "Groß, Jürgen", "ausgeschieden", "28.02.2026", "01.02.1990"],
    ]
    understood = read(csv_file(header, *rows, separator=";", encoding="cp1252"))
    assert cells(understood, "external_id", "display_name", "manager_name", "active", "end_date") == [
        ("0815", "Jürgen Groß", "Ayse Öztürk", "true", ""),
        ("0042", "Ayse Öztürk", "", "true", ""),
        ("0007", "Renée Bär", "Jürgen Groß", "false", "2026-02-28"),
    ]
    assert unread(understood) == {"Geburtsdatum": "private"}


def test_two_header_rows_with_titles_above_in_a_polish_workbook() -> None:
    rows = [
        ["Wykaz pracowników"],
        ["Stan na dzień 31.03.2026"],
        [],
        [
            "Identyfikator",
            "Imię i nazwisko",
            "Poczta elektroniczna",
            "Bezpośredni przełożony",
            "Data zatrudnienia",
            None,
        ],
        ["Employee ID", "Full name", "E-mail", "Manager", "Hire date", None],
        [17, "Łucja Żak", "lucja@example.pl", None, date(2024, 2, 1), None],
        [18, "Jan Kowalski", "jan@example.pl", "Łucja Żak", date(2025, 4, 3), None],
        ["Razem: 2 osoby"],
    ]
    understood = read(workbook({"Wykaz": rows, "Objaśnienia": [["Lista"], ["Opis"]]}))
    assert understood.recognised.header_lines == (4, 5)
    assert understood.recognised.sheet == "Wykaz"
    assert cells(understood, "external_id", "display_name", "manager_name", "start_date") == [
        ("17", "Łucja Żak", "", "2024-02-01"),
        ("18", "Jan Kowalski", "Łucja Żak", "2025-04-03"),
    ]
    assert [(one.line, one.reason) for one in understood.skipped] == [(8, "This line below the table is no row.")]


def test_spanish_family_names_come_in_two_columns() -> None:
    header = ["Legajo", "Nombres", "Primer apellido", "Segundo apellido", "Correo", "Jefe inmediato", "Situación"]
    understood = read(
        csv_file(
            header,
            ["7", "Lucía", "Peña", "Ríos", "lucia@example.es", "", "Activo"],
            ["8", "Juan", "Gil", "", "juan@example.es", "Lucía Peña Ríos", "Baja"],
        )
    )
    assert cells(understood, "display_name", "manager_name", "active") == [
        ("Lucía Peña Ríos", "", "true"),
        ("Juan Gil", "Lucía Peña Ríos", "false"),
    ]


def test_dutch_infixes_stand_before_the_family_name() -> None:
    header = ["Personeelsnr", "Roepnaam", "Voornaam", "Tussenvoegsel", "Achternaam", "E-mail werk"]
    understood = read(csv_file(header, ["7", "Bas", "Sebastiaan", "van den", "Berg", "bas@example.nl"]))
    assert cells(understood, "display_name", "given_name", "family_name") == [
        ("Bas van den Berg", "Sebastiaan", "van den Berg")
    ]


def test_a_name_beside_a_given_name_is_the_family_name() -> None:
    understood = read(csv_file(["Matricule", "Nom", "Prénom", "Courriel"], ["1", "Petit", "Zoé", "zoe@example.fr"]))
    assert sources(understood)["family_name"] == ("Nom",)
    assert cells(understood, "display_name") == [("Zoé Petit",)]
