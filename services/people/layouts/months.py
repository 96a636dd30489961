"""The names of months, as the beginnings that tell them apart, without case and accents."""

from collections.abc import Mapping

_NAMES = """
    1: january januar janvier enero gennaio januari janeiro styczen stycznia janvar tammikuu leden ledna ocak jaen
        jan ene gen sty led
    2: february februar fevrier febrero febbraio februari fevereiro luty lutego helmikuu unor unora subat feb fev
        febr fevr lut
    3: march marz mars marzo maart marco marzec marca marts maaliskuu brezen brezna mart mar mrz maa mrt
    4: april avril abril aprile abril kwiecien kwietnia huhtikuu duben dubna nisan apr avr abr kwi dub
    5: may mai mayo maggio mei maio maj maja toukokuu kveten kvetna mayis mag kve
    6: june juni juin junio giugno junho czerwiec czerwca kesakuu cerven cervna haziran jun giu cze
    7: july juli juillet julio luglio julho lipiec lipca heinakuu cervenec cervence temmuz jul juil lug lip
    8: august aout agosto augustus sierpien sierpnia augusti elokuu srpen srpna agustos aug ago aou sie
    9: september septembre septiembre settembre setembro wrzesien wrzesnia syyskuu zari eylul sep sept set wrz
    10: october oktober octobre octubre ottobre outubro pazdziernik pazdziernika lokakuu rijen rijna ekim oct okt ott
        out paz
    11: november novembre noviembre novembro listopad listopada marraskuu kasim nov lis
    12: december dezember decembre diciembre dicembre dezembro grudzien grudnia joulukuu prosinec prosince aralik dec
        dez dic gru
"""


def months() -> Mapping[str, int]:
    """Names and usual abbreviations, in fourteen languages, with their numbers."""
    found: dict[str, int] = {}
    number = 0
    for word in _NAMES.split():
        if word.endswith(":"):
            number = int(word[:-1])
        else:
            found[word] = number
    return found
