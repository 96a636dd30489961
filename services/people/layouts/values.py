# ruff: noqa: RUF001 - words of many languages have letters of their own
"""What single cells of other systems mean: whether somebody is active, nobody at all, a vacancy, a zone, a language."""

import re
from collections.abc import Mapping
from functools import cache

from chassis.files import unguarded
from services.people.rules.fields import locale_wrong, time_zones
from services.people.rules.wrong import Wrong

_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
_OUTER = _INVISIBLE + "\u00a0\u202f \t\r\n\x0b\x0c\u2028\u2029\u3000"
_GONE = str.maketrans("", "", _INVISIBLE)

FORMULA = Wrong("The cell holds a formula.", "Export values instead of formulas, or write what it should say.")


def listed(words: str) -> frozenset[str]:
    """Words separated by bars."""
    return frozenset(word.strip() for word in words.replace("\n", "").split("|") if word.strip())


NOBODY = listed(
    "-|--|---|—|–|.|n/a|#n/a|none|null|nil|no_manager|no_hr|no_supervisor|no manager|no supervisor|not applicable"
    "|nobody|xx|top|ceo/top|keine|keiner|niemand|aucun|ninguno|nessuno|geen|nenhum|brak|ingen|yok"
)
"""Cells that name nobody, in lower case; one that is somebody's id or name in the file names them."""

_ACTIVE = """
    active|activated|enabled|employed|current|working|hired|onboarding|pre-hire|prehire|pending|pending start
    |new hire|probation
    |on leave|leave|leave of absence|paid leave|unpaid leave|parental leave|maternity leave|paternity leave|sick leave
    |sabbatical|loa|notice|notice period|on notice|garden leave|regular|yes|y|true|1|x|t|✓
    |aktiv|aktive|aktiver|beschäftigt|in elternzeit|elternzeit|ruhend|mutterschutz|probezeit|ja|j|wahr|eingestellt
    |actif|active|en poste|présent|en congé|oui|o|vrai|activo|activa|en activo|de alta|alta|sí|si|s|verdadero|vigente
    |attivo|attiva|in forza|in servizio|vero|actief|in dienst|waar|ativo|ativa|em atividade|sim|verdadeiro
    |aktywny|aktywna|zatrudniony|zatrudniona|tak|prawda|anställd|sann|sant|ansat|sand|aktiivinen|kyllä|k|tosi
    |työsuhteessa
    |aktivní|ano|pravda|zaměstnán|aktif|çalışıyor|evet|doğru|aktív|igen|activ|da
"""
_INACTIVE = """
    inactive|terminated|deactivated|disabled|deceased|suspended|resigned|retired|dismissed|left|former|ex-employee|quit
    |former employee|ended|departed|offboarded|archived|deleted|separated|laid off|not active|alumni|no|n|false|0|f
    |inaktiv|ausgeschieden|gekündigt|ausgetreten|beendet|verstorben|rentner|pensioniert|nein|falsch|ehemalig
    |inactif|inactive|sorti|parti|démissionné|licencié|retraité|non|faux|inactivo|inactiva|de baja|baja|cesado
    |jubilado|falso
    |inattivo|cessato|dimesso|licenziato|inactief|uit dienst|nee|onwaar|inativo|inativa|desligado|demitido|não|nao
    |aposentado
    |nieaktywny|nieaktywna|zwolniony|zwolniona|nie|fałsz|avslutad|slutat|nej|falsk|sluttet|fratrådt|nei|usann|ei
    |päättynyt|epätosi|neaktivní|ukončen|ne|nepravda|pasif|ayrıldı|hayır|yanlış|inaktív|nem|inactiv|nu
"""
_VACANT = re.compile(
    r"\b(?:vacan\w*|unfilled|to be hired|to be announced|tbh|tba|tbd|open (?:position|role|req\w*)|offene stelle|"
    r"vakan\w*|unbesetzt|n\. ?n\.|poste à pourvoir|wakat|vacature|vaga aberta)(?:\W|$)",
    re.IGNORECASE,
)
_VACANT_KINDS = frozenset({"vacancy", "vacant", "open", "unfilled", "vakant", "offen", "vacante", "vacature", "wakat"})


def clean(cell: str) -> str:
    """A cell without outer blanks and signs nobody sees, and out of what guards it in spreadsheets, as in `="0042"`."""
    if not cell.isascii():
        cell = cell.strip(_OUTER)
    if cell.startswith("'"):
        cell = unguarded(cell)
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') and len(cell) > 2 else cell


def seamless(cell: str) -> str:
    """A key such as an id or an address without any sign that nobody sees."""
    return cell if cell.isascii() else cell.translate(_GONE)


def on_one_line(cell: str) -> str:
    """A text with single plain blanks between its words."""
    return " ".join(cell.split())


@cache
def activity_words() -> Mapping[str, bool]:
    """Words of status and yes-no columns, in lower case: whether they mean somebody active."""
    return dict.fromkeys(listed(_INACTIVE), False) | dict.fromkeys(listed(_ACTIVE), True)


def says_vacant(kind: str, name: str) -> bool:
    """Whether the kind or status of a row, or its name, says that nobody holds the post."""
    return kind.lower() in _VACANT_KINDS or bool(_VACANT.search(name))


_WINDOWS_ZONES = """
    GMT Standard Time=Europe/London; Greenwich Standard Time=Atlantic/Reykjavik; UTC=UTC
    W. Europe Standard Time=Europe/Berlin; Central Europe Standard Time=Europe/Budapest
    Central European Standard Time=Europe/Warsaw; Romance Standard Time=Europe/Paris; FLE Standard Time=Europe/Kyiv
    GTB Standard Time=Europe/Bucharest; E. Europe Standard Time=Europe/Chisinau; Turkey Standard Time=Europe/Istanbul
    Russian Standard Time=Europe/Moscow; Israel Standard Time=Asia/Jerusalem; Egypt Standard Time=Africa/Cairo
    South Africa Standard Time=Africa/Johannesburg; W. Central Africa Standard Time=Africa/Lagos
    E. Africa Standard Time=Africa/Nairobi; Morocco Standard Time=Africa/Casablanca; Arab Standard Time=Asia/Riyadh
    Arabian Standard Time=Asia/Dubai; Iran Standard Time=Asia/Tehran; Pakistan Standard Time=Asia/Karachi
    India Standard Time=Asia/Kolkata; Sri Lanka Standard Time=Asia/Colombo; Bangladesh Standard Time=Asia/Dhaka
    SE Asia Standard Time=Asia/Bangkok; China Standard Time=Asia/Shanghai; Singapore Standard Time=Asia/Singapore
    Taipei Standard Time=Asia/Taipei; Tokyo Standard Time=Asia/Tokyo; Korea Standard Time=Asia/Seoul
    W. Australia Standard Time=Australia/Perth; Cen. Australia Standard Time=Australia/Adelaide
    AUS Eastern Standard Time=Australia/Sydney; E. Australia Standard Time=Australia/Brisbane
    New Zealand Standard Time=Pacific/Auckland; Hawaiian Standard Time=Pacific/Honolulu
    Alaskan Standard Time=America/Anchorage; Pacific Standard Time=America/Los_Angeles
    Mountain Standard Time=America/Denver; US Mountain Standard Time=America/Phoenix
    Central Standard Time=America/Chicago; Eastern Standard Time=America/New_York
    Atlantic Standard Time=America/Halifax; Newfoundland Standard Time=America/St_Johns
    Central Standard Time (Mexico)=America/Mexico_City; SA Pacific Standard Time=America/Bogota
    SA Western Standard Time=America/La_Paz; Pacific SA Standard Time=America/Santiago
    Argentina Standard Time=America/Buenos_Aires; E. South America Standard Time=America/Sao_Paulo
    Venezuela Standard Time=America/Caracas; Azores Standard Time=Atlantic/Azores
    Pacific Time (US & Canada)=America/Los_Angeles; Mountain Time (US & Canada)=America/Denver
    Central Time (US & Canada)=America/Chicago; Eastern Time (US & Canada)=America/New_York
"""
_LANGUAGES = """
    english=en; german=de; deutsch=de; french=fr; français=fr; spanish=es; español=es; italian=it; italiano=it; dutch=nl
    nederlands=nl; portuguese=pt; português=pt; polish=pl; polski=pl; swedish=sv; svenska=sv; norwegian=no; norsk=no
    danish=da; dansk=da; finnish=fi; suomi=fi; czech=cs; čeština=cs; turkish=tr; türkçe=tr; japanese=ja; chinese=zh
    english (us)=en-US; english (uk)=en-GB; us english=en-US; british english=en-GB; portuguese (brazil)=pt-BR
"""


def _pairs(table: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in table.replace("\n", ";").split(";") if pair.strip())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


@cache
def _zones() -> Mapping[str, str]:
    return _pairs(_WINDOWS_ZONES) | {name.lower(): name for name in time_zones()}


@cache
def _languages() -> Mapping[str, str]:
    return _pairs(_LANGUAGES)


def zone_of(cell: str) -> str | None:
    """The IANA name of a zone written as such or as Windows writes it; None where it is neither."""
    return _zones().get(cell.lower())


def language_of(cell: str) -> str | None:
    """The tag of a language written as tag, as locale such as en_US.UTF-8, or by a usual name."""
    if named := _languages().get(cell.lower()):
        return named
    tag = cell.partition(".")[0].replace("_", "-")
    return tag if len(tag.partition("-")[0]) in (2, 3) and locale_wrong(tag) is None else None
